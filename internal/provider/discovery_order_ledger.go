package provider

import (
	"maps"
	"slices"
	"sync"
)

// orderLedger holds what this process has planned for orders and for search profiles. A resource that is renamed without a moved block
// is one object forgotten and one created to Terraform, which plans the two in any order and tells the provider no addresses: only the
// arguments show that they are the same. The zero value is empty.
type orderLedger struct {
	mu sync.Mutex
	// applying says that this process carries out a plan. There a replacement is a removal and a creation, like a rename.
	applying  bool
	forgotten map[string]forgottenOrder
	placed    []*placedOrder
	// forgottenProfiles are search profiles by id, and createdProfiles those that are planned.
	forgottenProfiles map[string]searchProfileModel
	createdProfiles   []searchProfileModel
	// reported holds the forgotten orders of which a diagnostic has told.
	reported map[string]bool
	// unplanned are orders that were read and not planned since; planned are those that were planned.
	unplanned map[string]heldOrder
	planned   map[string]bool
}

// heldOrder is an order as state holds it.
type heldOrder struct {
	state              discoveryOrderResourceModel
	imported, notFound bool
}

type forgottenOrder struct {
	heldOrder
	// replaced says that its resource places another one.
	replaced bool
}

type placedOrder struct {
	plan discoveryOrderResourceModel
	// replaces is the id of the order that the same resource forgets; "" if there is none.
	replaces string
	reported bool
}

// renamedOrder is a pair: an order that one resource forgets, and one with the same arguments that another resource places.
type renamedOrder struct {
	forgotten forgottenOrder
	placed    *placedOrder
	// withProfile says that the search profile of the two is forgotten and created again as well.
	withProfile bool
}

// ledger is that of the process, or one for this call alone while the provider is not configured.
func (d *providerData) ledger() *orderLedger {
	if d == nil {
		return new(orderLedger)
	}
	return &d.orderLedger
}

// keep notes that the order stays, or that its plan is refused. What an earlier plan said of it is dropped: Terraform may plan a
// resource, read it and plan it again.
func (l *orderLedger) keep(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(id)
}

// forget notes that the order is to be destroyed, and returns the pairs that are new: see renamed.
func (l *orderLedger) forget(order heldOrder) []renamedOrder {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := order.state.ID.ValueString()
	l.drop(id)
	l.forgotten[id] = forgottenOrder{order, false}
	return l.renamed()
}

// place notes that an order is to be created, and returns the pairs that are new.
func (l *orderLedger) place(plan discoveryOrderResourceModel) []renamedOrder {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.placed = append(l.placed, &placedOrder{plan: plan})
	return l.renamed()
}

// replace notes that the order is to be replaced by another one, and returns the pairs that are new.
func (l *orderLedger) replace(order heldOrder, plan discoveryOrderResourceModel) []renamedOrder {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := order.state.ID.ValueString()
	l.drop(id)
	if !order.differsFrom(&plan) {
		// It may order the same again, like a replacement that is forced: this is no rename.
		return nil
	}
	l.forgotten[id] = forgottenOrder{order, true}
	l.placed = append(l.placed, &placedOrder{plan: plan, replaces: id})
	return l.renamed()
}

// keepProfile notes that the search profile is not forgotten, or that its own resource replaces it.
func (l *orderLedger) keepProfile(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.forgottenProfiles, canonicalID(id))
}

// forgetProfile notes that the search profile is to be forgotten, and returns the pairs that are new.
func (l *orderLedger) forgetProfile(state searchProfileModel) []renamedOrder {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.forgottenProfiles == nil {
		l.forgottenProfiles = make(map[string]searchProfileModel)
	}
	l.forgottenProfiles[canonicalID(state.ID.ValueString())] = state
	return l.renamed()
}

// createProfile notes that a search profile is to be created, and returns the pairs that are new.
func (l *orderLedger) createProfile(plan searchProfileModel) []renamedOrder {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.createdProfiles = append(l.createdProfiles, plan)
	return l.renamed()
}

func (l *orderLedger) drop(id string) {
	if l.forgotten == nil {
		l.forgotten, l.reported, l.planned = make(map[string]forgottenOrder), make(map[string]bool), make(map[string]bool)
	}
	l.planned[id] = true
	delete(l.unplanned, id)
	delete(l.forgotten, id)
	l.placed = slices.DeleteFunc(l.placed, func(placed *placedOrder) bool { return placed.replaces == id })
}

// renamed returns the pairs that were not reported yet: whichever of the plans that make a pair is the last one reports it. No order is
// part of two.
func (l *orderLedger) renamed() []renamedOrder {
	if l.applying {
		return nil
	}
	var pairs []renamedOrder
	for _, id := range slices.Sorted(maps.Keys(l.forgotten)) {
		forgotten := l.forgotten[id]
		for _, placed := range l.placed {
			if l.reported[id] || placed.reported || placed.replaces == id || placed.plan.AllowDuplicate.ValueBool() {
				continue
			}
			withProfile := l.renamedWithProfile(forgotten, placed)
			if withProfile || !forgotten.differsFrom(&placed.plan) {
				l.reported[id], placed.reported = true, true
				pairs = append(pairs, renamedOrder{forgotten, placed, withProfile})
			}
		}
	}
	return pairs
}

// renamedWithProfile reports whether the two orders are the same if their search profiles are, and these are one that is forgotten and
// one that is created. A profile that a resource replaces is another one, and so is the order that this replaces.
func (l *orderLedger) renamedWithProfile(forgotten forgottenOrder, placed *placedOrder) bool {
	if forgotten.replaced || placed.replaces != "" || !placed.plan.ProfileID.IsUnknown() || !forgotten.alike(&placed.plan) {
		return false
	}
	profile, isForgotten := l.forgottenProfiles[canonicalID(forgotten.state.ProfileID.ValueString())]
	return isForgotten && slices.ContainsFunc(l.createdProfiles, func(created searchProfileModel) bool { return profile.mayEqual(&created) })
}

// differsFrom reports whether an argument that is known in the plan asks for another order. Without its profile, too little is known of
// an order to be the same as another one.
func (o *heldOrder) differsFrom(plan *discoveryOrderResourceModel) bool {
	return plan.ProfileID.IsUnknown() || !o.alike(plan)
}

// alike reports whether the arguments that are known in the plan are those of the order. The title and the description of the ideal
// customer must be known.
func (o *heldOrder) alike(plan *discoveryOrderResourceModel) bool {
	if plan.Title.IsUnknown() || plan.IdealCustomerProfile.IsUnknown() {
		return false
	}
	known := func(argument orderArgument) bool { return fullyKnown(argument.value) }
	return !slices.ContainsFunc(replacedArguments(&o.state, plan, o.imported), known)
}

// startApplying notes that this process carries out a plan: it has called Create, Update or Delete of an order or a search profile.
func (l *orderLedger) startApplying() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.applying = true
}

func (l *orderLedger) isApplying() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.applying
}

// read notes an order that was read. One that is read after it was planned, as Terraform may do before it destroys, is not unplanned.
func (l *orderLedger) read(order heldOrder) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unplanned == nil {
		l.unplanned = make(map[string]heldOrder)
	}
	if id := order.state.ID.ValueString(); !l.planned[id] {
		l.unplanned[id] = order
	}
}

// guessTainted returns the orders that the new order may replace because they are tainted. It is a guess: Terraform plans an order
// with its state right after reading it, unless it is tainted. Then it plans a creation, and only the arguments connect that with
// what was read. Without a refresh nothing does. One that is to be a duplicate is not the tainted one, unless that was to be one too.
func (l *orderLedger) guessTainted(plan *discoveryOrderResourceModel) []heldOrder {
	l.mu.Lock()
	defer l.mu.Unlock()
	var tainted []heldOrder
	for _, id := range slices.Sorted(maps.Keys(l.unplanned)) {
		order := l.unplanned[id]
		another := plan.AllowDuplicate.ValueBool() && !order.state.AllowDuplicate.ValueBool()
		if !another && !order.differsFrom(plan) {
			tainted = append(tainted, order)
		}
	}
	return tainted
}
