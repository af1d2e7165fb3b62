package simulator

import "time"

// Behavior switches what the API's documentation leaves open (internal/openprospect/UNKNOWNS.md). Each
// field's zero value is the guide's form or, where the guide is silent, the
// most plausible one. Switches lists them all.
type Behavior struct {
	// RedirectToSlash answers paths without a trailing slash with a 307 to the one with it (U2).
	RedirectToSlash bool
	// RedirectAbsolute makes the target of that redirect an absolute URL (U2).
	RedirectAbsolute bool
	// EmptyWriteAnswers answers PATCH, DELETE and POST entries with 204 and no body (U3, U12).
	EmptyWriteAnswers bool
	// OKForCreated answers 200 where 201 is usual, and 200 with a body to the removal of a blacklist (U3).
	OKForCreated bool
	// WrapObjects puts a blacklist, and the order that GET gives, under "data" (U4).
	WrapObjects bool
	// WrapBlacklist puts a blacklist under "blacklist" (U4).
	WrapBlacklist bool
	// BlacklistIDKey names a blacklist's id "blacklist_id" (U4).
	BlacklistIDKey bool
	// PartialEcho leaves everything but the id out of the answers to POST and PATCH of a blacklist (U4).
	PartialEcho bool
	// CreateWithoutID answers the creation of a blacklist without its id (U4, U7).
	CreateWithoutID bool
	// EntryIDKey names an entry's id "entry_id" (U4, by analogy with "order_id").
	EntryIDKey bool
	// SparseEntries leaves fields without a value out of entries, where null is shown otherwise (U4).
	SparseEntries bool
	// ExtraFields adds fields that no client knows to every object (U4).
	ExtraFields bool
	// EmptyDescription shows a missing description as "" rather than null (U5).
	EmptyDescription bool
	// WithoutDescription leaves a missing description out (U5).
	WithoutDescription bool
	// NullDescriptionRefused answers 422 to a description of null (U5).
	NullDescriptionRefused bool
	// UniqueNames answers 409 to a second blacklist of one name (U7).
	UniqueNames bool
	// DeleteInUseRefused answers 409 to the removal of a blacklist that an order still at work names (U8).
	DeleteInUseRefused bool
	// DeleteAccepted answers 202 to the removal of a blacklist (U8).
	DeleteAccepted bool
	// ListKey is the key of lists: "" is "items", "resource" the resource's plural, "data", or "array" for a bare array (U9).
	ListKey string
	// NullForEmptyList sends null for a list without rows (U9); with a ListKey of "array" it is the whole answer (U40).
	NullForEmptyList bool
	// WithoutHasMore and WithoutTotal leave those out of lists (U10).
	WithoutHasMore bool
	WithoutTotal   bool
	// LimitRefusedAbove answers 422 to a larger limit of entries; 0 is 100 (U11).
	LimitRefusedAbove int
	// ClampLimit returns at most that many rows a page whatever was asked for; 0 is off (U11).
	ClampLimit int
	// AddAnswer is the form of the answer to POST entries (U12): "" is the new rows, ids included, under the "items" of the
	// API's own lists, with the counts that comparable APIs give; "entries" has them under that key, "array" alone; "all" also holds the rows
	// that were on the list already; "counts", "message" and "per_item" (a status an entry) have no ids.
	AddAnswer string
	// InvalidEntriesSkipped adds the valid entries of a request and names the others under "failed", where one
	// invalid entry refuses them all otherwise (U12).
	InvalidEntriesSkipped bool
	// KeepDuplicates adds an entry that is on the list already once more (U13).
	KeepDuplicates bool
	// CompanyUnique takes an entry of a domain (or, without one, of a name) that is on the list for that row, and keeps
	// the row as it is (U13).
	CompanyUnique bool
	// DuplicateConflict answers 409 when every entry of a request is on the list already (U13).
	DuplicateConflict bool
	// AnyDuplicateConflict answers 409 when one entry of a request is (U13).
	AnyDuplicateConflict bool
	// NormalizeEntries stores website_url as a bare lower-case domain and trims texts (U14).
	NormalizeEntries bool
	// CompanyNameRequired answers 422 to an entry without company_name (U15).
	CompanyNameRequired bool
	// MaxEntries is how many entries one request takes; 0 is 10,000 (U16). More is a 422, or a 413 with SizeAs413.
	MaxEntries int
	SizeAs413  bool
	// RemoveIDsKey is the key of the ids in DELETE entries: "" is "entry_ids" (U17).
	RemoveIDsKey string
	// RemoveUnknownNotFound answers 404 to ids that are not on the list (U17).
	RemoveUnknownNotFound bool
	// EmptyRemovalRemovesAll takes a DELETE of entries without ids for all of them, as another vendor's API does (U17).
	EmptyRemovalRemovesAll bool
	// LagReads is how many reads of a list still miss what was just written, LagTime how long they do (U19).
	LagReads int
	LagTime  time.Duration
	// UnknownBlacklistNotFound answers 404 rather than 422 to an order that names an unknown blacklist (U20).
	UnknownBlacklistNotFound bool
	// ErrorShape is 1 to 6, the published shapes of errors; 0 is 1 (U21).
	ErrorShape int
	// RetryAfterForm says how a 429 tells the wait: "" is header and body, "header", "date", "body", "reset"
	// (X-RateLimit-Reset, a Unix time), "delta" (RateLimit-Reset, seconds), "none" (U22).
	RetryAfterForm string
	// IdempotencyKeyHonored returns the same order to a second request with one Idempotency-Key (U24).
	IdempotencyKeyHonored bool
	// OddStatus puts a status that no documentation names between ACCEPTED and IN_PROGRESS (U25).
	OddStatus bool
	// CountryCodes echoes target_countries as ISO codes (U27).
	CountryCodes bool
	// TrimEcho and ReverseEcho change the echo of an order: texts without outer white space, lists in reverse order;
	// SparseEcho leaves keys without a value out, where null is shown otherwise (U28, U29).
	TrimEcho    bool
	ReverseEcho bool
	SparseEcho  bool
	// NormalizeWebhook echoes webhook_url as a parser of URLs prints it: scheme and host in lower case, no default port, "/" for
	// no path (U28).
	NormalizeWebhook bool
	// EmptyListEcho echoes [] where a list was not given (U29).
	EmptyListEcho bool
	// MessageEcho adds message and briefing_quantity to GET of an order (U28).
	MessageEcho bool
	// ResultsEarly is what results before COMPLETED give: "" an empty page, "409" or "422" (U31).
	ResultsEarly string
	// OddNumbers sends numbers as floats and employee_count as a range (U32).
	OddNumbers bool
	// OffsetTimestamps ends timestamps in +00:00, WholeSeconds gives them no fraction (U35).
	OffsetTimestamps bool
	WholeSeconds     bool
	// WithoutValidate answers 404 to auth/validate (U36).
	WithoutValidate bool
	// SparseOrderRows returns rows of the list of orders with id, type, status and created_at only (U9).
	SparseOrderRows bool
	// OrdersOldestFirst turns the order of the list of orders (unknown; newest first is the default).
	OrdersOldestFirst bool
	// EntriesNewestFirst and BlacklistsNewestFirst turn the order of entries and of blacklists.
	EntriesNewestFirst    bool
	BlacklistsNewestFirst bool
	// StripUnknownFields leaves out fields that the API does not know and names them in the answer's stripped_fields, as the vendor's
	// prospect searches do, where they are refused otherwise (U28).
	StripUnknownFields bool

	// Newest is the contract of the newest public pages in place of the guide's: an order names a search profile and a
	// briefing_quantity, and the profile holds what the guide puts into the order; there are search profile creations.
	Newest bool
	// ProfileEcho shows the profile's fields in orders that name it (U28).
	ProfileEcho bool
	// ReplayFirstAnswer answers a profile creation that is sent again as it did the first time, whatever became of it (U41).
	ReplayFirstAnswer bool
	// KeysForgottenAfter is how long the Idempotency-Key of a profile creation is known; 0 is for ever (U41).
	KeysForgottenAfter time.Duration
	// UsedKeyRefused answers 409 to a key that was used before, whatever the body (U41).
	UsedKeyRefused bool
	// CreationIDKey names the id of a profile creation "id" rather than "profile_creation_id" (U4).
	CreationIDKey bool
	// Assignment is the form in which the blacklists of a prospect search are shown: "" is {"blacklist_ids": [...]}, "blacklists" has
	// objects under that key, "list" is one of the API's own lists of objects, in pages, "ids" and "objects" are bare arrays (U42).
	Assignment string
}

// Switch is one departure from the default behaviour.
type Switch struct {
	// Name is short and stable, such as "bare_array_lists".
	Name string
	// Unknown is the point that it plays, such as "U9".
	Unknown string
	// Set turns it on.
	Set func(*Behavior)
}

// Switches are all switches, for tests that walk them.
func Switches() []Switch {
	return []Switch{
		{"redirect_to_slash", "U2", func(b *Behavior) { b.RedirectToSlash = true }},
		{"redirect_to_absolute_url", "U2", func(b *Behavior) { b.RedirectToSlash, b.RedirectAbsolute = true, true }},
		{"empty_write_answers", "U3", func(b *Behavior) { b.EmptyWriteAnswers = true }},
		{"ok_for_created", "U3", func(b *Behavior) { b.OKForCreated = true }},
		{"wrap_objects", "U4", func(b *Behavior) { b.WrapObjects = true }},
		{"wrap_blacklist", "U4", func(b *Behavior) { b.WrapBlacklist = true }},
		{"blacklist_id_key", "U4", func(b *Behavior) { b.BlacklistIDKey = true }},
		{"partial_echo", "U4", func(b *Behavior) { b.PartialEcho = true }},
		{"create_without_id", "U4", func(b *Behavior) { b.CreateWithoutID = true }},
		{"entry_id_key", "U4", func(b *Behavior) { b.EntryIDKey = true }},
		{"sparse_entries", "U4", func(b *Behavior) { b.SparseEntries = true }},
		{"extra_fields", "U4", func(b *Behavior) { b.ExtraFields = true }},
		{"empty_description", "U5", func(b *Behavior) { b.EmptyDescription = true }},
		{"without_description", "U5", func(b *Behavior) { b.WithoutDescription = true }},
		{"null_description_refused", "U5", func(b *Behavior) { b.NullDescriptionRefused = true }},
		{"unique_names", "U7", func(b *Behavior) { b.UniqueNames = true }},
		{"delete_in_use_refused", "U8", func(b *Behavior) { b.DeleteInUseRefused = true }},
		{"delete_accepted", "U8", func(b *Behavior) { b.DeleteAccepted = true }},
		{"resource_key_lists", "U9", func(b *Behavior) { b.ListKey = "resource" }},
		{"data_key_lists", "U9", func(b *Behavior) { b.ListKey = "data" }},
		{"bare_array_lists", "U9", func(b *Behavior) { b.ListKey = "array" }},
		{"null_for_empty_list", "U9", func(b *Behavior) { b.NullForEmptyList = true }},
		{"null_list_answers", "U40", func(b *Behavior) { b.ListKey, b.NullForEmptyList = "array", true }},
		{"without_has_more", "U10", func(b *Behavior) { b.WithoutHasMore = true }},
		{"without_total", "U10", func(b *Behavior) { b.WithoutTotal = true }},
		{"without_has_more_and_total", "U10", func(b *Behavior) { b.WithoutHasMore, b.WithoutTotal = true, true }},
		{"limit_refused_above_50", "U11", func(b *Behavior) { b.LimitRefusedAbove = 50 }},
		{"limit_clamped_to_20", "U11", func(b *Behavior) { b.ClampLimit = 20 }},
		{"limit_clamped_to_50", "U11", func(b *Behavior) { b.ClampLimit = 50 }},
		{"add_answers_counts", "U12", func(b *Behavior) { b.AddAnswer = "counts" }},
		{"add_answers_message", "U12", func(b *Behavior) { b.AddAnswer = "message" }},
		{"add_answers_array", "U12", func(b *Behavior) { b.AddAnswer = "array" }},
		{"add_answers_entries", "U12", func(b *Behavior) { b.AddAnswer = "entries" }},
		{"add_answers_all", "U12", func(b *Behavior) { b.AddAnswer = "all" }},
		{"add_answers_per_item", "U12", func(b *Behavior) { b.AddAnswer = "per_item" }},
		{"invalid_entries_skipped", "U12", func(b *Behavior) { b.InvalidEntriesSkipped = true }},
		{"keep_duplicates", "U13", func(b *Behavior) { b.KeepDuplicates = true }},
		{"company_unique", "U13", func(b *Behavior) { b.CompanyUnique = true }},
		{"duplicate_conflict", "U13", func(b *Behavior) { b.DuplicateConflict = true }},
		{"any_duplicate_conflict", "U13", func(b *Behavior) { b.AnyDuplicateConflict = true }},
		{"normalize_entries", "U14", func(b *Behavior) { b.NormalizeEntries = true }},
		{"company_name_required", "U15", func(b *Behavior) { b.CompanyNameRequired = true }},
		{"two_entries_a_request", "U16", func(b *Behavior) { b.MaxEntries, b.SizeAs413 = 2, true }},
		{"two_entries_a_request_invalid", "U16", func(b *Behavior) { b.MaxEntries = 2 }},
		{"remove_by_ids_key", "U17", func(b *Behavior) { b.RemoveIDsKey = "ids" }},
		{"remove_unknown_not_found", "U17", func(b *Behavior) { b.RemoveUnknownNotFound = true }},
		{"empty_removal_removes_all", "U17", func(b *Behavior) { b.EmptyRemovalRemovesAll = true }},
		{"read_after_write_lag", "U19", func(b *Behavior) { b.LagReads = 1 }},
		{"read_after_write_delay", "U19", func(b *Behavior) { b.LagTime = 30 * time.Millisecond }},
		{"unknown_blacklist_not_found", "U20", func(b *Behavior) { b.UnknownBlacklistNotFound = true }},
		{"error_shape_2", "U21", func(b *Behavior) { b.ErrorShape = 2 }},
		{"error_shape_3", "U21", func(b *Behavior) { b.ErrorShape = 3 }},
		{"error_shape_4", "U21", func(b *Behavior) { b.ErrorShape = 4 }},
		{"error_shape_5", "U21", func(b *Behavior) { b.ErrorShape = 5 }},
		{"error_shape_6", "U21", func(b *Behavior) { b.ErrorShape = 6 }},
		{"retry_after_header_only", "U22", func(b *Behavior) { b.RetryAfterForm = "header" }},
		{"retry_after_date", "U22", func(b *Behavior) { b.RetryAfterForm = "date" }},
		{"retry_after_body_only", "U22", func(b *Behavior) { b.RetryAfterForm = "body" }},
		{"retry_after_reset_header", "U22", func(b *Behavior) { b.RetryAfterForm = "reset" }},
		{"retry_after_reset_seconds", "U22", func(b *Behavior) { b.RetryAfterForm = "delta" }},
		{"retry_after_unsaid", "U22", func(b *Behavior) { b.RetryAfterForm = "none" }},
		{"idempotency_key_honored", "U24", func(b *Behavior) { b.IdempotencyKeyHonored = true }},
		{"odd_status", "U25", func(b *Behavior) { b.OddStatus = true }},
		{"country_codes", "U27", func(b *Behavior) { b.CountryCodes = true }},
		{"trimmed_echo", "U28", func(b *Behavior) { b.TrimEcho = true }},
		{"reversed_echo", "U28", func(b *Behavior) { b.ReverseEcho = true }},
		{"sparse_echo", "U28", func(b *Behavior) { b.SparseEcho = true }},
		{"normalized_webhook", "U28", func(b *Behavior) { b.NormalizeWebhook = true }},
		{"message_echo", "U28", func(b *Behavior) { b.MessageEcho = true }},
		{"strip_unknown_fields", "U28", func(b *Behavior) { b.StripUnknownFields = true }},
		{"empty_list_echo", "U29", func(b *Behavior) { b.EmptyListEcho = true }},
		{"results_early_conflict", "U31", func(b *Behavior) { b.ResultsEarly = "409" }},
		{"results_early_invalid", "U31", func(b *Behavior) { b.ResultsEarly = "422" }},
		{"odd_numbers", "U32", func(b *Behavior) { b.OddNumbers = true }},
		{"offset_timestamps", "U35", func(b *Behavior) { b.OffsetTimestamps = true }},
		{"whole_second_timestamps", "U35", func(b *Behavior) { b.WholeSeconds = true }},
		{"without_validate", "U36", func(b *Behavior) { b.WithoutValidate = true }},
		{"sparse_order_rows", "U9", func(b *Behavior) { b.SparseOrderRows = true }},
		{"orders_oldest_first", "U9", func(b *Behavior) { b.OrdersOldestFirst = true }},
		{"entries_newest_first", "U9", func(b *Behavior) { b.EntriesNewestFirst = true }},
		{"blacklists_newest_first", "U9", func(b *Behavior) { b.BlacklistsNewestFirst = true }},
		{"profile_echo", "U28", func(b *Behavior) { b.ProfileEcho = true }},
		{"replay_first_answer", "U41", func(b *Behavior) { b.ReplayFirstAnswer = true }},
		{"keys_forgotten", "U41", func(b *Behavior) { b.KeysForgottenAfter = time.Hour }},
		{"used_key_refused", "U41", func(b *Behavior) { b.UsedKeyRefused = true }},
		{"creation_id_key", "U4", func(b *Behavior) { b.CreationIDKey = true }},
		{"assignment_blacklists", "U42", func(b *Behavior) { b.Assignment = "blacklists" }},
		{"assignment_list", "U42", func(b *Behavior) { b.Assignment = "list" }},
		{"assignment_ids", "U42", func(b *Behavior) { b.Assignment = "ids" }},
		{"assignment_objects", "U42", func(b *Behavior) { b.Assignment = "objects" }},
	}
}

// Generations are the two contracts that are public, the guide's first. Every switch may be walked under each.
func Generations() []Switch {
	return []Switch{
		{"guide", "", func(*Behavior) {}},
		{"newest", "", func(b *Behavior) { b.Newest = true }},
	}
}
