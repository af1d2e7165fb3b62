package simulator

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Statuses of a profile creation (newest pages); it fails as an order does.
const (
	pending   = "PENDING"
	running   = "RUNNING"
	succeeded = "SUCCEEDED"
)

// ProfileCreation is a search profile on its way, or made.
type ProfileCreation struct {
	ID string
	// ProfileID is the profile's, "" until it is made.
	ProfileID      string
	Status         string
	CreatedAt      time.Time
	IdempotencyKey string
	// Request is the JSON object that asked for it, decoded.
	Request map[string]any
}

type creation struct {
	ProfileCreation
	// sent is the body as it was sent: a key may be used again only with the same one.
	sent []byte
	// final is the status that it ends in.
	final string
}

var profileCreationFields = []string{
	"profile_name", "ideal_customer_profile", "seller_offering", "seller_industry", "target_countries", "target_cities",
	"target_industries", "excluded_industries", "contact_roles", "output_language",
}

// notOfTheGuide is what an API of the guide's generation answers to a path of the newest.
func notOfTheGuide() answer {
	return answer{status: http.StatusNotFound, body: members{{"detail", "Not Found"}}}
}

func (s *Server) createProfile(c call) answer {
	if !s.options.Behavior.Newest {
		return notOfTheGuide()
	}
	key := c.request.Header.Get("Idempotency-Key")
	if key == "" {
		return s.problem(http.StatusBadRequest, "INVALID_REQUEST", "Idempotency-Key header is required", nil)
	}
	fields, refused := s.decode(c)
	if refused != nil {
		return *refused
	}
	stripped, unknown := s.unknownFields(fields, profileCreationFields...)
	faults := append([]*wrong{
		unknown,
		text(fields, "profile_name", 500, true),
		texts(fields, "target_industries", false),
	}, checkProfileFields(fields)...)
	if refused := s.refuse(faults...); refused != nil {
		return *refused
	}
	made := s.creationOf(key)
	switch {
	case made == nil:
		made = s.makeProfile(fields, key, c)
		return s.shownCreation(made, stripped)
	case s.options.Behavior.UsedKeyRefused || !bytes.Equal(made.sent, c.body):
		return s.problem(http.StatusConflict, "IDEMPOTENCY_KEY_REUSED", "The Idempotency-Key was used for another request", nil)
	case s.options.Behavior.ReplayFirstAnswer:
		first := *made
		first.Status, first.ProfileID = pending, ""
		return s.shownCreation(&first, stripped)
	}
	s.proceed(made)
	return s.shownCreation(made, stripped)
}

// creationOf returns what a key has made, if the key is still known.
func (s *Server) creationOf(key string) *creation {
	for _, made := range slices.Backward(s.creations) {
		if made.IdempotencyKey == key {
			after := s.options.Behavior.KeysForgottenAfter
			if after > 0 && s.now().Sub(made.CreatedAt) >= after {
				return nil
			}
			return made
		}
	}
	return nil
}

func (s *Server) makeProfile(fields map[string]any, key string, c call) *creation {
	made := &creation{
		ProfileCreation: ProfileCreation{ID: s.newID(0xc1), Status: pending, CreatedAt: s.now(), IdempotencyKey: key, Request: fields},
		sent:            c.body, final: succeeded,
	}
	if s.failing > 0 {
		s.failing--
		made.final = failed
	}
	s.creations = append(s.creations, made)
	s.happened(Event{Kind: "profile_creation", CreationID: made.ID, Status: made.Status, Request: c.number})
	return made
}

// proceed moves a profile creation on as far as its time has come.
func (s *Server) proceed(made *creation) {
	status := made.final
	switch age := s.now().Sub(made.CreatedAt); {
	case age < s.options.ProfileTime:
		status = pending
	case age < 2*s.options.ProfileTime:
		status = running
	}
	if status == made.Status || made.Status == made.final {
		return
	}
	made.Status = status
	if status == succeeded {
		made.ProfileID = s.newID(0xf1)
	}
	s.happened(Event{Kind: "profile_creation", CreationID: made.ID, Status: status})
}

func (s *Server) shownCreation(made *creation, stripped []string) answer {
	behavior := s.options.Behavior
	body := members{
		{"profile_creation_id", made.ID},
		{"status", made.Status},
		{"profile_id", orNull(made.ProfileID)},
		{"created_at", s.stamp(made.CreatedAt)},
	}
	if made.Status == failed {
		body.set("message", "The ideal customer profile could not be understood.")
	}
	if behavior.CreationIDKey {
		body.rename("profile_creation_id", "id")
	}
	if behavior.SparseEcho {
		body = body.sparse()
	}
	if behavior.ExtraFields {
		body.set("queue", map[string]any{"position": 1})
	}
	return s.single(http.StatusAccepted, namingStripped(body, stripped), "profile_creation")
}

func (s *Server) getProfileCreation(c call) answer {
	if !s.options.Behavior.Newest {
		return notOfTheGuide()
	}
	for _, made := range s.creations {
		if made.ID == c.ids[0] {
			s.proceed(made)
			shown := s.shownCreation(made, nil)
			shown.status = http.StatusOK
			return shown
		}
	}
	return s.problem(http.StatusNotFound, "PROFILE_CREATION_NOT_FOUND", "Profile creation not found",
		members{{"entity_type", "profile_creation"}, {"identifier", c.ids[0]}})
}

// profile returns the creation that has made a profile.
func (s *Server) profile(id string) *creation {
	for _, made := range s.creations {
		s.proceed(made)
		if id != "" && made.ProfileID == id {
			return made
		}
	}
	return nil
}

// ProfileCreations are all profile creations, oldest first.
func (s *Server) ProfileCreations() []ProfileCreation {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []ProfileCreation
	for _, made := range s.creations {
		s.proceed(made)
		copied := made.ProfileCreation
		copied.Request = maps.Clone(made.Request)
		all = append(all, copied)
	}
	return all
}

// FailProfiles makes the next profile creations end as FAILED.
func (s *Server) FailProfiles(count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = count
}
