# By its id, as the dashboard shows it.
terraform import openprospect_blacklist.customers d33b69ce-80ce-4ede-b4df-4b11427f8b55

# Or by its name, if no other blacklist has that name.
terraform import openprospect_blacklist.customers "name=Existing customers"
