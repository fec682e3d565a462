"""The contract as Starlette routes: `starlette_app.main:app`, or `starlette_app.app.create_app`."""
