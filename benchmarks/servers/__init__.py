"""The servers' programs: an application on a listening socket that is inherited."""
