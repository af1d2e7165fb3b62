// Package openprospect is a client of the OpenProspect HTTP API: blacklists,
// their entries, discovery orders and their results.
//
// It knows HTTP and the API, and nothing of Terraform. Facts about the API
// carry their source: "guide" is the vendor's Discovery Order Guide, "U1" to
// "U42" are the points that the published documentation leaves open, each of
// which the client tolerates in every plausible form.
package openprospect
