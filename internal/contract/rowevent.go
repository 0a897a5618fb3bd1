package contract

import (
	"encoding/json"
	"strconv"
)

// RowEvent is one message about a video as its history keeps it.
type RowEvent struct {
	ID         string          `json:"id"` // the video's
	At         string          `json:"at"` // what the history is sorted by
	GUID       string          `json:"guid"`
	Status     Status          `json:"status"`
	ReceivedAt string          `json:"receivedAt"`
	Message    json.RawMessage `json:"message,omitempty"` // as it came; shortened where it is too long
}

// Rank is how far a status is on its way: new, Ingest, Error, Complete. An
// encode that was in Error may still turn out complete, never the other way
// round. It is -1 for a name that is no status.
func (s Status) Rank() int {
	switch s {
	case StatusNew:
		return 0
	case StatusIngest:
		return 1
	case StatusError:
		return 2
	case StatusComplete:
		return 3
	}
	return -1
}

// EventPosition is where a message stands in its video's history: encodes in
// the order in which they started, and the messages of one in the order of
// their rank. The same message has the same position however often it comes,
// and no other has it: a video that fails again after a redrive has two Errors.
// Messages of older versions have no id.
func EventPosition(startTime, guid string, status Status, messageID string) string {
	position := startTime + "#" + guid + "#" + strconv.Itoa(status.Rank())
	if messageID == "" {
		return position
	}
	return position + "#" + messageID
}
