package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// Scopes of the API (guide).
const (
	scopeBlacklistsRead  = "blacklists:read"
	scopeBlacklistsWrite = "blacklists:write"
	scopeOrdersRead      = "orders:read"
	scopeOrdersWrite     = "orders:write"
	scopeSearchesRead    = "prospect_searches:read"
)

// preflight is what a process has found out before anything is created, so that a plan fails of what its apply would
// fail of. Terraform plans once more in the process that applies, which cannot be told from the first plan: each costs
// one request at most, and none where the API has answered a request before.
type preflight struct {
	skipKey bool

	mu sync.Mutex
	// asked and listed say that the key and the list of blacklists were asked for.
	asked, listed bool
	// readError is why blacklists cannot be looked up.
	readError error
	// scopes are those of the key; nil when they are not known.
	scopes []string
	// missing are scopes that were reported, looked blacklists that were read, and absent those of them that the API does not know.
	missing, looked, absent map[string]bool
}

// checkKey adds an error if the API key cannot work or is known to lack one of the scopes. Call it in a plan that
// creates something, after checkBlacklists. Each problem is reported once a process.
func (d *providerData) checkKey(ctx context.Context, diags *diag.Diagnostics, scopes ...string) {
	if !d.configured() || d.preflight.skipKey {
		return
	}
	p := &d.preflight
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.asked && !d.client.Answered() {
		status, err := d.client.ValidateKey(ctx)
		p.asked = ctx.Err() == nil
		switch {
		case certain(err):
			addAPIError(diags, "validate", "API key", err)
		case err == nil && !status.Valid:
			diags.AddError("Invalid API key", "The API says that the API key is not valid. "+createKey)
		case err == nil:
			p.scopes = tellingScopes(status.Scopes)
		}
	}
	if p.scopes == nil {
		return
	}
	missing := slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool { return slices.Contains(p.scopes, scope) || p.missing[scope] })
	if len(missing) > 0 {
		addMissingScopes(diags, missing, p.scopes)
	}
	for _, scope := range missing {
		note(&p.missing, scope)
	}
}

// checkBlacklists adds an error for each blacklist that the API does not know. Those that this process has read, listed
// or created cost nothing. The first of the others is read; from the second one on, all blacklists are listed.
func (d *providerData) checkBlacklists(ctx context.Context, diags *diag.Diagnostics, attribute string, ids ...attr.Value) {
	if !d.configured() {
		return
	}
	p := &d.preflight
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, value := range ids {
		text, isText := value.(types.String)
		if !isText || text.IsNull() || text.IsUnknown() {
			continue
		}
		id := text.ValueString()
		if !d.client.KnowsBlacklist(id) && !p.looked[id] && len(p.looked) > 0 && !p.listed {
			_, p.readError = d.client.ListBlacklists(ctx)
			p.listed = ctx.Err() == nil
			if certain(p.readError) {
				addAPIError(diags, "read", "blacklists", p.readError)
			}
		}
		if d.client.KnowsBlacklist(id) {
			continue
		}
		if p.readError != nil {
			return
		}
		if !p.looked[id] {
			// Where there is a list, it may lag, and it spells an id in one way only.
			_, err := d.client.GetBlacklist(ctx, id)
			switch {
			case ctx.Err() != nil:
				return
			case openprospect.IsNotFound(err) || openprospect.IsInvalid(err):
				note(&p.absent, id)
			case certain(err):
				p.readError = err
				addAPIError(diags, "read", "blacklist "+id, err)
				return
			}
			note(&p.looked, id)
		}
		if p.absent[id] {
			addUnknownBlacklist(diags, attribute, id)
		}
	}
}

func note(set *map[string]bool, member string) {
	if *set == nil {
		*set = make(map[string]bool)
	}
	(*set)[member] = true
}

// certain reports a failure that the apply would meet as well: the key is refused, there is no connection, or the answer
// is not the API's. Anything else, such as a rate limit, may be over by then.
func certain(err error) bool {
	var answered *openprospect.Error
	refused := errors.As(err, &answered) && answered.StatusCode == http.StatusUnauthorized
	return refused || openprospect.Unconnected(err) || openprospect.NotFromAPI(err)
}

var plainScope = regexp.MustCompile(`^[a-z_]+:[a-z_]+$`)

// tellingScopes returns the scopes if they are of the form that the guide knows, so that one that is not among them is
// missing; nil otherwise.
func tellingScopes(scopes []string) []string {
	known := []string{scopeBlacklistsRead, scopeBlacklistsWrite, scopeOrdersRead, scopeOrdersWrite}
	if slices.ContainsFunc(scopes, func(scope string) bool { return !plainScope.MatchString(scope) }) ||
		!slices.ContainsFunc(scopes, func(scope string) bool { return slices.Contains(known, scope) }) {
		return nil
	}
	return scopes
}

func addMissingScopes(diags *diag.Diagnostics, missing, has []string) {
	diags.AddError("API key lacks a scope",
		fmt.Sprintf("To create what this plan contains, the API key needs %s. It only has %s. Create a key with the scope set "+
			"\"Discovery partner\" in the OpenProspect dashboard under Settings > Developer > API Keys.\n\n"+
			"If this key is meant for plans only, set skip_credentials_validation = true in the provider block. To destroy with this "+
			"key, run `terraform destroy -refresh=false`.",
			strings.Join(missing, " and "), strings.Join(has, ", ")))
}

func addUnknownBlacklist(diags *diag.Diagnostics, attribute, id string) {
	advice := "Check the ID and the API key: the blacklist may have been removed, or it belongs to an account that this key cannot see."
	if checkUUID(id) != nil {
		advice = "This argument takes an ID, not a name. Use data.openprospect_blacklist to look up the ID."
	}
	diags.AddAttributeError(path.Root(attribute), "Blacklist not found",
		fmt.Sprintf("%s: the API does not know the blacklist %q. %s", attribute, id, advice))
}
