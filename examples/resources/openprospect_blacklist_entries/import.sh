# By the id of the blacklist. Terraform reads the whole list, gives each company a readable key,
# and shows in the next plan what your configuration changes. Nothing is removed before that plan is applied.
terraform import openprospect_blacklist_entries.customers d33b69ce-80ce-4ede-b4df-4b11427f8b55
