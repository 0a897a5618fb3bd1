package guard

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// refuse answers as the service would that the request was meant for, so that
// its SDK shows the sentence.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok {
		refusal = &Refusal{"AccessDeniedException", err.Error()}
	}
	status := http.StatusForbidden
	if refusal == errTooLarge {
		status = http.StatusRequestEntityTooLarge
	}
	id := uuid.NewString()
	w.Header().Set("X-Amzn-RequestId", id)
	if body := xmlRefusal(r, refusal, id); body != nil {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(status)
		_ = xml.NewEncoder(w).Encode(body) // a client that is gone needs no answer
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", refusal.Code)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": refusal.Code, "message": refusal.Message})
}

// s3Refusal is S3's shape of an error.
type s3Refusal struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	RequestID string `xml:"RequestId"`
}

// queryRefusal is that of the services with the query protocol.
type queryRefusal struct {
	XMLName xml.Name `xml:"ErrorResponse"`
	Error   struct {
		Type, Code, Message string
	}
	RequestID string `xml:"RequestId"`
}

// xmlRefusal is nil for the services that speak JSON.
func xmlRefusal(r *http.Request, refusal *Refusal, id string) any {
	if c, err := readClaim(r); err == nil && c.service == "s3" {
		return s3Refusal{Code: refusal.Code, Message: refusal.Message, RequestID: id}
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && !r.URL.Query().Has("Action") {
		return nil
	}
	body := queryRefusal{RequestID: id}
	body.Error.Type, body.Error.Code, body.Error.Message = "Sender", refusal.Code, refusal.Message
	return body
}
