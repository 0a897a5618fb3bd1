package contract

// Message is one notification on the topic.
type Message struct {
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
	GUID           string `json:"guid"`
	StartTime      string `json:"startTime,omitempty"` // tells which of two encodes of a key is newer
	SrcVideo       string `json:"srcVideo,omitempty"`
	SrcBucket      string `json:"srcBucket,omitempty"`
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
	Status Status `json:"status"`
	Core
}

type resultBody struct {
	Status Status `json:"status"`
	Core
	Heavy
}

// IngestMessage says that a video has been taken in.
func IngestMessage(r Record) (Message, error) {
	body, err := encode(newIngestBody(r, StatusIngest))
	return newMessage(r, StatusIngest, body), err
}

// FinalMessage says how a video ended: the Complete or the Error message,
// as its record has it.
func FinalMessage(r Record) (Message, error) {
	var body []byte
	var err error
	if r.WorkflowStatus == StatusError {
		body, err = encode(newErrorBody(r))
	} else {
		body, err = fitted(r, func(r Record) ([]byte, error) {
			return marshalWith(completeBody{r.WorkflowStatus, r.Core}, r.Free)
		})
	}
	return newMessage(r, r.WorkflowStatus, body), err
}

// ResultBody is the message on the result queue: the whole final record.
func ResultBody(r Record) (string, error) {
	body, err := fitted(r, func(r Record) ([]byte, error) {
		return marshalWith(resultBody{r.WorkflowStatus, r.Core, r.Heavy}, r.Free)
	})
	return string(body), err
}

func newIngestBody(r Record, status Status) ingestBody {
	return ingestBody{status, status, r.GUID, r.StartTime, r.SrcVideo, r.SrcBucket}
}

func newErrorBody(r Record) errorBody {
	return errorBody{
		ingestBody:      newIngestBody(r, StatusError),
		SrcMetadataFile: r.SrcMetadataFile,
		WorkflowErrorAt: r.WorkflowErrorAt,
		ErrorCode:       r.ErrorCode,
		ErrorMessage:    r.ErrorMessage,
		ErrorDetails:    r.ErrorDetails,
	}
}

func newMessage(r Record, status Status, body []byte) Message {
	return Message{
		Subject: "Workflow Status:: " + string(status) + ":: " + r.GUID,
		Status:  status,
		GUID:    r.GUID,
		Body:    string(body),
	}
}
