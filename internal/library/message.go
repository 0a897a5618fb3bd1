package library

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
)

// Message is one message on the topic, as far as a row needs it. Names are
// read letter by letter, unlike encoding/json, which takes them in any case:
// free metadata called SRCVIDEO must not pass for the video.
type Message struct {
	Status         contract.Status `json:"status"`
	WorkflowStatus contract.Status `json:"workflowStatus"`
	GUID           string          `json:"guid"`
	StartTime      string          `json:"startTime"` // empty in messages of older versions
	SrcVideo       string          `json:"srcVideo"`
	SrcBucket      string          `json:"srcBucket"`
	SrcEventTime   string          `json:"srcEventTime"` // empty in messages of older versions
	SrcSequencer   string          `json:"srcSequencer"`
	SrcWidth       int             `json:"srcWidth"`
	SrcHeight      int             `json:"srcHeight"`

	HLSURL       string   `json:"hlsUrl"`
	DASHURL      string   `json:"dashUrl"`
	MP4URLs      []string `json:"mp4Urls"`
	ThumbNailURL []string `json:"thumbNailUrl"`

	WorkflowErrorAt string        `json:"workflowErrorAt"`
	ErrorCode       contract.Code `json:"errorCode"`
	ErrorMessage    string        `json:"errorMessage"`

	// Body is the whole message as it came.
	Body []byte `json:"-"`
}

// ErrUnreadable says that a message is none that this version can apply.
var ErrUnreadable = errors.New("unreadable message")

// Parse reads a message's body.
func Parse(body []byte) (Message, error) {
	var m Message
	if err := json.Unmarshal(body, &m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	m.Body = body
	if m.Status == "" {
		m.Status = m.WorkflowStatus
	}
	switch {
	case len(m.GUID) != 36 || uuid.Validate(m.GUID) != nil: // Validate takes other forms too
		return m, fmt.Errorf("%w: it has no guid", ErrUnreadable)
	case m.Status.Rank() < contract.StatusIngest.Rank():
		return m, fmt.Errorf("%w: unknown status %q", ErrUnreadable, clip(string(m.Status), 50))
	case !isTime(m.StartTime):
		return m, fmt.Errorf("%w: startTime is no time", ErrUnreadable)
	case !isTime(m.SrcEventTime):
		return m, fmt.Errorf("%w: srcEventTime is no time", ErrUnreadable)
	case len(m.SrcSequencer) > longestName:
		return m, fmt.Errorf("%w: srcSequencer has %d characters", ErrUnreadable, len(m.SrcSequencer))
	}
	return m, nil
}

// isTime tells whether a text is a time as the contract writes it, so that
// times compare as text; an absent one is the oldest.
func isTime(s string) bool {
	if s == "" {
		return true
	}
	t, err := time.Parse(time.RFC3339, s)
	return err == nil && contract.Time(t) == s
}

// keptMessage is how long a message may be, in bytes, to be kept as it came.
const keptMessage = 100_000

// shortMessage is what is kept of one that is longer.
type shortMessage struct {
	Message
	Shortened string `json:"shortened"`
}

// kept is a message as row and history keep it: an item has 400 KB at most,
// for all that is in it.
func (m Message) kept() []byte {
	if len(m.Body) <= keptMessage {
		return m.Body
	}
	short := shortMessage{Message: m, Shortened: fmt.Sprintf("the message had %d bytes", len(m.Body))}
	short.MP4URLs, short.ThumbNailURL = bounded(m.MP4URLs), bounded(m.ThumbNailURL)
	short.ErrorMessage = clip(m.ErrorMessage, longestText)
	text, err := json.Marshal(short, json.OmitZeroStructFields(true))
	if err != nil || len(text) > keptMessage {
		return []byte(`{"guid":"` + m.GUID + `","status":"` + string(m.Status) + `"}`)
	}
	return text
}
