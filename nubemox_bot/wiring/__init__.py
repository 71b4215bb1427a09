"""How each feature is put together: what it is made of, and what it gives to the rest.

`ground` holds what every feature stands on. A feature has a module of its own here with up to two
functions: `works(ground)`, how its operations are done, and a `…_service(ground, begun)`, made
once operations can begin. `services.py` calls them in order; nothing here is imported by them.
"""
