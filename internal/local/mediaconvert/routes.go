package mediaconvert

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

const version = "/2017-08-29"

// maxBody bounds a request; the largest job that AWS takes is far smaller.
const maxBody = 2 << 20

// routes are the service's operations.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"POST /jobs":                  s.createJob,
		"GET /jobs":                   s.listJobs,
		"GET /search":                 s.searchJobs,
		"GET /jobs/{id}":              s.getJob,
		"DELETE /jobs/{id}":           s.cancelJob,
		"POST /probe":                 s.probe,
		"POST /queues":                s.createQueue,
		"GET /queues":                 s.listQueues,
		"GET /queues/{name}":          s.getQueue,
		"PUT /queues/{name}":          s.updateQueue,
		"DELETE /queues/{name}":       s.deleteQueue,
		"POST /jobTemplates":          s.createTemplate,
		"GET /jobTemplates":           s.listTemplates,
		"GET /jobTemplates/{name}":    s.getTemplate,
		"PUT /jobTemplates/{name}":    s.updateTemplate,
		"DELETE /jobTemplates/{name}": s.deleteTemplate,
		"POST /endpoints":             s.describeEndpoints,
		"POST /tags":                  s.tagResource,
		"GET /tags/{arn}":             s.listTags,
		"PUT /tags/{arn}":             s.untagResource,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.Handle(method+" "+version+path, s.serve(h))
	}
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		s.reply(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.Handle("/", s.serve(unknownRoute))
	return mux
}

func unknownRoute(r *http.Request) (int, any, error) {
	return 0, nil, &fault{http.StatusNotFound, "UnknownOperationException",
		r.Method + " " + r.URL.Path + " is no operation that MediaConvert carries out on this machine; " +
			"there are jobs, search, probe, queues, jobTemplates, endpoints and tags under " + version}
}

// readBody reads a request's JSON text.
func readBody(r *http.Request) (json.RawMessage, error) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, badRequest("The body could not be read: %v", err)
	}
	if len(data) > maxBody {
		// The rest is read so that the client hears the answer, not a
		// broken connection.
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, 64<<20))
		return nil, &fault{http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException",
			"The request is larger than 2 MiB."}
	}
	return data, nil
}

func parse(data json.RawMessage, target any) error {
	err := json.Unmarshal(data, target)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return badRequest("/%s: must not be of type %s", strings.ReplaceAll(wrong.Field, ".", "/"), wrong.Value)
	}
	if err != nil {
		return badRequest("The body is not a JSON object: %v", err)
	}
	return nil
}

// decodeChecked reads a request's JSON object and holds it against the
// service's own API model.
func (s *Server) decodeChecked(r *http.Request, operation string, target any) error {
	data, err := readBody(r)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		data = json.RawMessage("{}")
	}
	if err := parse(data, target); err != nil {
		return err
	}
	return s.validate(operation, data)
}
