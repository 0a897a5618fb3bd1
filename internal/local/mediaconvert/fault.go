package mediaconvert

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
)

// fault is an answer in the service's own error shape.
type fault struct {
	Status  int
	Type    string
	Message string
}

func (f *fault) Error() string { return f.Type + ": " + f.Message }

func badRequest(format string, args ...any) error {
	return &fault{http.StatusBadRequest, "BadRequestException", fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &fault{http.StatusNotFound, "NotFoundException", fmt.Sprintf(format, args...)}
}

func conflict(format string, args ...any) error {
	return &fault{http.StatusConflict, "ConflictException", fmt.Sprintf(format, args...)}
}

func forbidden(format string, args ...any) error {
	return &fault{http.StatusForbidden, "ForbiddenException", fmt.Sprintf(format, args...)}
}

func unprocessable(format string, args ...any) error {
	return &fault{http.StatusUnprocessableEntity, "UnprocessableEntityException", fmt.Sprintf(format, args...)}
}

// notCarriedOut refuses a setting that AWS has and this machine has not, by
// its JSON path.
func notCarriedOut(path, why string) error {
	return badRequest("%s: %s is not carried out on this machine", path, why)
}

// handler answers a request with a status and a body, or with an error.
type handler func(r *http.Request) (status int, body any, err error)

// serve makes a handler an http.Handler.
func (s *Server) serve(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status, body, err := h(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.reply(w, status, body)
	}
}

func (s *Server) reply(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		s.Log.Error("mediaconvert: write answer", "error", err)
		status, data = http.StatusInternalServerError, []byte(`{"message":"the answer could not be written"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-RequestId", uuid.NewString())
	w.WriteHeader(status)
	_, _ = w.Write(data) // a client that is gone needs no answer
}

// fail answers an error; what is not a fault is ours, and logged.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	f, ok := errors.AsType[*fault](err)
	if !ok {
		s.Log.Error("mediaconvert: "+r.Method+" "+r.URL.Path, "error", err)
		f = &fault{http.StatusInternalServerError, "InternalServerErrorException", err.Error()}
	}
	w.Header().Set("X-Amzn-ErrorType", f.Type)
	s.reply(w, f.Status, map[string]string{"message": f.Message})
}
