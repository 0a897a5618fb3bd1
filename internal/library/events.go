package library

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/inbox"
)

// Events applies the topic's messages, as they come through a queue, to the
// video table. A message may come more than once, late, in any order, about a
// video that nobody knows, or be no message at all.
type Events struct {
	DeliveryBase string // what URLs of outputs begin with, without a slash at the end

	Rows    EventRows
	Records Records
	History EventHistory
	Aside   Aside
	Work    Work
	Now     func() time.Time
	Log     *slog.Logger
}

// EventRows is the video table as Events needs it.
type EventRows interface {
	Rows
	// IDByKey and IDByGUID find a row, or return contract.ErrUnknownRow.
	IDByKey(ctx context.Context, key string) (string, error)
	IDByGUID(ctx context.Context, guid string) (string, error)
}

// Records is the tracking table.
type Records interface {
	// Summary reads what a row needs of a record, as it is now, or returns
	// contract.ErrUnknownVideo.
	Summary(ctx context.Context, guid string) (contract.Record, error)
}

// EventHistory keeps the messages.
type EventHistory interface {
	// Add keeps a message; one that is kept already stays as it is.
	Add(ctx context.Context, event contract.RowEvent) error
}

// Aside is a queue for messages that belong to no row.
type Aside interface {
	Keep(ctx context.Context, body, reason string) error
}

// Work is the queue of videos that something is left to do about.
type Work interface {
	Send(ctx context.Context, body string) error
}

// The reasons for which a message is kept aside.
const (
	reasonUnreadable = "unreadable"
	reasonUnknown    = "unknown video"
)

// Handle takes a batch of messages.
func (s *Events) Handle(ctx context.Context, batch inbox.Batch) (inbox.Failures, error) {
	return batch.Each(ctx, s.Log, s.take), nil
}

// take applies one message, or keeps it aside.
func (s *Events) take(ctx context.Context, body string) error {
	m, err := Parse([]byte(body))
	if err != nil {
		s.Log.Warn("message kept aside", "why", err.Error())
		return s.aside(ctx, body, reasonUnreadable)
	}
	err = s.apply(ctx, m)
	if errors.Is(err, contract.ErrUnknownRow) {
		s.Log.Warn("message kept aside", "why", reasonUnknown, "guid", m.GUID, "status", m.Status, "key", m.SrcVideo)
		return s.aside(ctx, body, reasonUnknown)
	}
	return err
}

func (s *Events) aside(ctx context.Context, body, reason string) error {
	if err := s.Aside.Keep(ctx, body, reason); err != nil {
		return fmt.Errorf("keep message aside: %w", err)
	}
	return nil
}

// apply writes the history first: when the function dies before the row is
// written, the message comes again and both are as they should be.
func (s *Events) apply(ctx context.Context, m Message) error {
	rec, err := s.record(ctx, m)
	if err != nil {
		return err
	}
	m, rec = s.ownURLs(m, rec)
	row, err := s.find(ctx, m, rec)
	if err != nil {
		return err
	}
	if row.DeletedAt == "" {
		if err := s.History.Add(ctx, s.event(row, m, rec)); err != nil {
			return fmt.Errorf("keep message of video %s: %w", row.ID, err)
		}
	}
	row, err = changeFrom(ctx, s.Rows, row, func(row contract.VideoRow) (contract.VideoRow, bool, error) {
		if row.DeletedAt != "" {
			row, changed := reopened(row, m.GUID, s.Now())
			return row, changed, nil
		}
		row, changed := Apply(row, m, rec)
		return row, changed, nil
	})
	if err != nil {
		return err
	}
	s.Log.Info("message applied", "video", row.ID, "guid", m.GUID, "status", m.Status, "row", row.EncodingStatus, "deleted", row.DeletedAt)
	if row.DeletedAt != "" {
		return s.sweepAgain(ctx, row.ID)
	}
	return nil
}

// record is the tracking record where the message needs it, nil when there is
// none: then the row does without what only the record has.
func (s *Events) record(ctx context.Context, m Message) (*contract.Record, error) {
	if m.Status != contract.StatusComplete && m.StartTime != "" && m.SrcVideo != "" {
		return nil, nil
	}
	rec, err := s.Records.Summary(ctx, m.GUID)
	if errors.Is(err, contract.ErrUnknownVideo) {
		s.Log.Warn("no record of this video", "guid", m.GUID)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read record of video %s: %w", m.GUID, err)
	}
	return &rec, nil
}

// find is the row of a message: by the key of its source, which it has or the
// record knows, else by its guid.
func (s *Events) find(ctx context.Context, m Message, rec *contract.Record) (contract.VideoRow, error) {
	key := m.SrcVideo
	if key == "" && rec != nil {
		key = rec.SrcVideo
	}
	row, err := s.byKey(ctx, key)
	if !errors.Is(err, contract.ErrUnknownRow) {
		return row, err
	}
	id, err := s.Rows.IDByGUID(ctx, m.GUID)
	if err != nil {
		return row, fmt.Errorf("find row of guid %s: %w", m.GUID, err)
	}
	return s.get(ctx, id)
}

// byKey finds the row of a key. The API's own keys have the id in them, so
// that a row is found before the index knows it, and after its deletion.
func (s *Events) byKey(ctx context.Context, key string) (contract.VideoRow, error) {
	id, ours := contract.VideoIDOf(key)
	if !ours {
		var err error
		if id, err = s.Rows.IDByKey(ctx, key); err != nil {
			return contract.VideoRow{}, fmt.Errorf("find row of key %q: %w", key, err)
		}
	}
	row, err := s.get(ctx, id)
	if err == nil && row.S3Key != key && row.DeletedAt == "" {
		return row, fmt.Errorf("key %q: %w", key, contract.ErrUnknownRow) // another file beside the video
	}
	return row, err
}

func (s *Events) get(ctx context.Context, id string) (contract.VideoRow, error) {
	row, err := s.Rows.Get(ctx, id)
	if err != nil {
		return row, fmt.Errorf("read row of video %s: %w", id, err)
	}
	return row, nil
}

func (s *Events) event(row contract.VideoRow, m Message, rec *contract.Record) contract.RowEvent {
	return contract.RowEvent{
		ID: row.ID, At: contract.EventPosition(m.started(rec), m.GUID, m.Status),
		GUID: m.GUID, Status: m.Status, ReceivedAt: contract.Time(s.Now()), Message: m.kept(),
	}
}

// sweepAgain asks for what has come late to be deleted too.
func (s *Events) sweepAgain(ctx context.Context, id string) error {
	if err := s.Work.Send(ctx, WorkBody(id)); err != nil {
		return fmt.Errorf("ask for the deletion of video %s: %w", id, err)
	}
	return nil
}

// reopened is a deleted video of which an encode is heard: its deletion
// begins anew, now with that encode.
func reopened(row contract.VideoRow, guid string, now time.Time) (contract.VideoRow, bool) {
	known := len(row.GUIDs)
	row = Remember(row, guid)
	if row.PendingWork == contract.WorkDeletion && len(row.GUIDs) == known {
		return row, false
	}
	row.PendingWork, row.DueAt, row.ExpireAt = contract.WorkDeletion, contract.Time(now), 0
	return row, true
}
