# By the ids of the blacklist and of the entry.
terraform import openprospect_blacklist_entry.acme d33b69ce-80ce-4ede-b4df-4b11427f8b55/0b7e8d1c-5a3f-4c5e-9f0a-7b2d6c1e4a90

# Or by the id of the blacklist and one field of the entry: website_url, external_id or company_name.
terraform import openprospect_blacklist_entry.acme d33b69ce-80ce-4ede-b4df-4b11427f8b55/website_url=acme-corp.com
