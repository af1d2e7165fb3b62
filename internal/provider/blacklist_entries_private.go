package provider

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

// storedRows is the form of entryRowsKey. 100,000 ids as JSON text would be 4 MB, which Terraform writes into its
// state in base64 twice, so ids that are UUIDs are 16 bytes each, in the order of the document's keys.
type storedRows struct {
	// Keys is a fingerprint of the keys in their order: what was written for other keys says nothing.
	Keys uint64 `json:"keys"`
	// UUIDs holds 16 bytes a key; zeros for an id that is unknown or stands in IDs.
	UUIDs []byte              `json:"uuids,omitempty"`
	IDs   map[string]string   `json:"ids,omitempty"`
	More  map[string][]string `json:"more,omitempty"`
	// Added holds one bit a key.
	Added []byte `json:"added,omitempty"`
}

const uuidSize = len(uuid.UUID{})

func encodeRows(keys []string, rows map[string]exclusion.Row) ([]byte, error) {
	stored := storedRows{
		Keys:  fingerprint(keys),
		UUIDs: make([]byte, len(keys)*uuidSize),
		Added: make([]byte, (len(keys)+7)/8),
		IDs:   make(map[string]string),
		More:  make(map[string][]string),
	}
	for i, key := range keys {
		row := rows[key]
		if id, err := uuid.Parse(row.ID); err == nil && id != uuid.Nil && id.String() == row.ID {
			copy(stored.UUIDs[i*uuidSize:], id[:])
		} else if row.ID != "" {
			stored.IDs[key] = row.ID
		}
		if len(row.More) > 0 {
			stored.More[key] = row.More
		}
		if row.Added {
			stored.Added[i/8] |= 1 << (i % 8)
		}
	}
	return json.Marshal(stored)
}

// decodeRows returns what was stored for these keys. What was stored for others, as after a surgery on the
// state, gives no rows: they are then found by their fields, and count as not added by the resource.
func decodeRows(value []byte, keys []string) (map[string]exclusion.Row, error) {
	rows := make(map[string]exclusion.Row, len(keys))
	if value == nil {
		return rows, nil
	}
	var stored storedRows
	if err := json.Unmarshal(value, &stored); err != nil {
		return rows, fmt.Errorf("decoding the rows of the entries: %w", err)
	}
	if stored.Keys != fingerprint(keys) || len(stored.UUIDs) != len(keys)*uuidSize || len(stored.Added) != (len(keys)+7)/8 {
		return rows, nil
	}
	for i, key := range keys {
		row := exclusion.Row{ID: stored.IDs[key], More: stored.More[key], Added: stored.Added[i/8]&(1<<(i%8)) != 0}
		if id := uuid.UUID(stored.UUIDs[i*uuidSize : (i+1)*uuidSize]); id != uuid.Nil {
			row.ID = id.String()
		}
		rows[key] = row
	}
	return rows, nil
}

// fingerprint tells lists of keys apart.
func fingerprint(keys []string) uint64 {
	hash := fnv.New64a()
	var length [8]byte
	for _, key := range keys {
		binary.LittleEndian.PutUint64(length[:], uint64(len(key)))
		_, _ = hash.Write(length[:])
		_, _ = hash.Write([]byte(key))
	}
	return hash.Sum64()
}

func readRows(ctx context.Context, private privateState, document *exclusion.Document, diags *diag.Diagnostics) map[string]exclusion.Row {
	value, getDiags := private.GetKey(ctx, entryRowsKey)
	diags.Append(getDiags...)
	rows, err := decodeRows(value, document.Keys())
	if err != nil {
		addPrivateStateError(diags, "blacklist entries", err)
	}
	return rows
}

func writeRows(
	ctx context.Context,
	private privateStateWriter,
	document *exclusion.Document,
	rows map[string]exclusion.Row,
	diags *diag.Diagnostics,
) {
	value, err := encodeRows(document.Keys(), rows)
	if err != nil {
		diags.AddError("Unable to save private state", err.Error()+". "+reportBug)
		return
	}
	if old, _ := private.GetKey(ctx, entryRowsKey); !bytes.Equal(old, value) {
		diags.Append(private.SetKey(ctx, entryRowsKey, value)...)
	}
}

// readOthers returns what the last refresh has seen of the entries of others; nil if nothing is known of them.
func readOthers(ctx context.Context, private privateState, diags *diag.Diagnostics) *exclusion.Others {
	others, _ := getPrivate[*exclusion.Others](ctx, private, othersKey, diags)
	return others
}

func writeOthers(ctx context.Context, private privateStateWriter, others *exclusion.Others, diags *diag.Diagnostics) {
	if others == nil {
		dropPrivate(ctx, private, othersKey, diags)
		return
	}
	setPrivate(ctx, private, othersKey, others, diags)
}

// lastAppliedEmpty reports whether the document that was last applied named nobody.
func lastAppliedEmpty(ctx context.Context, private privateState, diags *diag.Diagnostics) bool {
	count, applied := getPrivate[int](ctx, private, lastAppliedKey, diags)
	return applied && count == 0
}

// neverApplied reports whether the list was imported and not applied since.
func neverApplied(ctx context.Context, private privateState, diags *diag.Diagnostics) bool {
	_, applied := getPrivate[int](ctx, private, lastAppliedKey, diags)
	return !applied
}

func writeLastApplied(ctx context.Context, private privateStateWriter, document *exclusion.Document, diags *diag.Diagnostics) {
	setPrivate(ctx, private, lastAppliedKey, document.Len(), diags)
}
