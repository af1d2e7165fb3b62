// Package openprospect is a client of the OpenProspect HTTP API: blacklists,
// their entries, discovery orders and their results.
//
// It knows HTTP and the API, and nothing of Terraform. Facts about the API
// carry their source: "guide" is the vendor's Discovery Order Guide; "U1" and
// up are points that the published documentation leaves open. UNKNOWNS.md,
// beside this file, says what each is, what the client does, and which tests
// prove it.
package openprospect
