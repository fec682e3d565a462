"""The tutorial idioms: each family as the frameworks' documentation writes it."""
