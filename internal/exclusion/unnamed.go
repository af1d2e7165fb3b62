package exclusion

import (
	"context"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// Unnamed gives the entries of the list that a document does not name, in the list's order: those whose
// Key none of its entries has.
func (l *List) Unnamed(ctx context.Context, document *Document) ([]openprospect.Entry, error) {
	var unnamed []openprospect.Entry
	err := l.view(ctx, 0, func(s *snapshot) {
		if s.live == 0 {
			return
		}
		named := make(map[identity]bool, len(document.members))
		for i := range document.members {
			named[identify(document.members[i].fields)] = true
		}
		for _, row := range s.rows {
			if row.ID != "" && !named[identify(row.EntryFields)] {
				unnamed = append(unnamed, row)
			}
		}
	})
	return unnamed, err
}
