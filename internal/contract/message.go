package contract

import (
	"strconv"

	"github.com/google/uuid"
)

// Message is one notification on the topic.
type Message struct {
	ID      string // attribute messageId: the same on every send
	Subject string
	Status  Status // attribute status
	GUID    string // attribute guid
	Body    string // JSON
}

// ingestBody, completeBody and errorBody are the bodies on the topic;
// resultBody is the one on the queue. All carry both names of the status:
// upstream used one or the other.
type ingestBody struct {
	Status         Status `json:"status"`
	WorkflowStatus Status `json:"workflowStatus"`
	MessageID      string `json:"messageId"`
	GUID           string `json:"guid"`
	StartTime      string `json:"startTime,omitempty"`
	SrcVideo       string `json:"srcVideo,omitempty"`
	SrcBucket      string `json:"srcBucket,omitempty"`
	SrcEventTime   string `json:"srcEventTime,omitempty"`
	SrcSequencer   string `json:"srcSequencer,omitempty"`
}

type errorBody struct {
	ingestBody
	SrcMetadataFile string `json:"srcMetadataFile,omitempty"`
	WorkflowErrorAt string `json:"workflowErrorAt"`
	ErrorCode       Code   `json:"errorCode"`
	ErrorMessage    string `json:"errorMessage"`
	ErrorDetails    string `json:"errorDetails,omitempty"`
}

type completeBody struct {
	Status    Status `json:"status"`
	MessageID string `json:"messageId"`
	Core
}

type resultBody struct {
	Status    Status `json:"status"`
	MessageID string `json:"messageId"`
	Core
	Heavy
}

// kind is what a message tells of a video, and where. Each is sent at least
// once, and equal each time.
type kind string

const (
	ingestKind kind = "ingest"
	finalKind  kind = "final"
	resultKind kind = "result"
)

// messageID is by which a subscriber recognises a repeat. It is made of what
// the message is about, never of the moment it is sent at: a video has one
// Ingest message, and after each redrive another final one.
func messageID(r Record, k kind) string {
	name := "message:" + string(k) + ":" + r.GUID
	if k != ingestKind {
		name += ":" + string(r.WorkflowStatus) + ":" + strconv.Itoa(r.Redrives)
	}
	return uuid.NewSHA1(namespace, []byte(name)).String()
}

// IngestMessage says that a video has been taken in.
func IngestMessage(r Record) (Message, error) {
	id := messageID(r, ingestKind)
	body, err := encode(newIngestBody(r, id, StatusIngest))
	return newMessage(r, id, StatusIngest, body), err
}

// FinalMessage says how a video ended: the Complete or the Error message,
// as its record has it.
func FinalMessage(r Record) (Message, error) {
	var body []byte
	var err error
	id := messageID(r, finalKind)
	if r.WorkflowStatus == StatusError {
		body, err = encode(newErrorBody(r, id))
	} else {
		body, err = fitted(r, func(r Record) ([]byte, error) {
			return marshalWith(completeBody{r.WorkflowStatus, id, r.Core}, r.Free)
		})
	}
	return newMessage(r, id, r.WorkflowStatus, body), err
}

// ResultMessage is the message on the result queue: the whole final record.
func ResultMessage(r Record) (Message, error) {
	id := messageID(r, resultKind)
	body, err := fitted(r, func(r Record) ([]byte, error) {
		return marshalWith(resultBody{r.WorkflowStatus, id, r.Core, r.Heavy}, r.Free)
	})
	return newMessage(r, id, r.WorkflowStatus, body), err
}

func newIngestBody(r Record, id string, status Status) ingestBody {
	return ingestBody{status, status, id, r.GUID, r.StartTime, r.SrcVideo, r.SrcBucket, r.SrcEventTime, r.SrcSequencer}
}

func newErrorBody(r Record, id string) errorBody {
	return errorBody{
		ingestBody:      newIngestBody(r, id, StatusError),
		SrcMetadataFile: r.SrcMetadataFile,
		WorkflowErrorAt: r.WorkflowErrorAt,
		ErrorCode:       r.ErrorCode,
		ErrorMessage:    r.ErrorMessage,
		ErrorDetails:    r.ErrorDetails,
	}
}

func newMessage(r Record, id string, status Status, body []byte) Message {
	return Message{
		ID:      id,
		Subject: "Workflow Status:: " + string(status) + ":: " + r.GUID,
		Status:  status,
		GUID:    r.GUID,
		Body:    string(body),
	}
}
