package httpapi

import (
	"context"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vodstack/vodstack/internal/contract"
)

// operation is a route, with what the document says of it.
type operation struct {
	id, method, path string
	status           int   // of success
	body             int64 // bytes at most
	summary, about   string
	codes            []contract.Code // beside those of every route
	public           bool
}

const (
	smallBody = 64 << 10
	partsBody = 2 << 20 // ten thousand parts with their ETags
)

var (
	createVideo = operation{
		id: "createVideo", method: http.MethodPost, path: "/videos", status: 201, body: smallBody,
		summary: "Create a video",
		about:   "Makes the video's row and says how to upload its file: with one presigned PUT, or as a multipart upload when the file is large.",
		codes: []contract.Code{contract.CodeRequestInvalid, contract.CodeFileTooLarge, contract.CodeFileTypeUnsupported, contract.CodeContentTypeForbidden,
			contract.CodeMetadataTooLarge, contract.CodeOptionUnavailable, contract.CodeIdempotencyKeyReused, contract.CodeVideoDeleted,
			contract.CodeOpenUploadLimit, contract.CodeRunningEncodeLimit},
	}
	getUpload = operation{
		id: "getUpload", method: http.MethodGet, path: "/videos/{id}/upload", status: 200,
		summary: "Go on with an upload",
		about:   "Fresh URLs. Of a multipart upload a page of parts, those that have arrived with their ETag. An upload that was aborted or has expired begins again.",
		codes:   []contract.Code{contract.CodeRequestInvalid, contract.CodeVideoUnknown, contract.CodeUploadComplete, contract.CodeOpenUploadLimit},
	}
	completeUpload = operation{
		id: "completeUpload", method: http.MethodPost, path: "/videos/{id}/upload/complete", status: 200, body: partsBody,
		summary: "Complete an upload",
		about:   "Puts the parts of a multipart upload together, once all have arrived; of a single upload it checks that the file is there. May be repeated.",
		codes: []contract.Code{contract.CodeRequestInvalid, contract.CodeVideoUnknown, contract.CodePartsInvalid, contract.CodePartsMissing,
			contract.CodeUploadMissing, contract.CodeUploadMismatch, contract.CodeIdempotencyKeyReused},
	}
	abortUpload = operation{
		id: "abortUpload", method: http.MethodDelete, path: "/videos/{id}/upload", status: 204,
		summary: "Abort an upload",
		about:   "Drops the parts that have arrived; the video ends in Error with UploadAborted. GET /videos/{id}/upload begins again. May be repeated.",
		codes:   []contract.Code{contract.CodeVideoUnknown, contract.CodeUploadComplete},
	}
	listVideos = operation{
		id: "listVideos", method: http.MethodGet, path: "/videos", status: 200,
		summary: "List your videos",
		about:   "The caller's videos, newest first, page by page.",
		codes:   []contract.Code{contract.CodeRequestInvalid, contract.CodeCursorInvalid},
	}
	getVideo = operation{
		id: "getVideo", method: http.MethodGet, path: "/videos/{id}", status: 200,
		summary: "Read a video",
		about:   "One video, with the progress of its encode, its URLs, or what went wrong and what to do about it.",
		codes:   []contract.Code{contract.CodeVideoUnknown},
	}
	patchVideo = operation{
		id: "patchVideo", method: http.MethodPatch, path: "/videos/{id}", status: 200, body: smallBody,
		summary: "Change title or metadata",
		about:   "Changes what the body names and leaves the rest; null removes.",
		codes:   []contract.Code{contract.CodeRequestInvalid, contract.CodeVideoUnknown, contract.CodeMetadataTooLarge, contract.CodeVersionMismatch},
	}
	encodeVideo = operation{
		id: "encodeVideo", method: http.MethodPost, path: "/videos/{id}/encode", status: 202, body: smallBody,
		summary: "Encode again",
		about: "Encodes the uploaded file again, with other options where they are given. The old URLs stay until the new ones are there. " +
			"With an Idempotency-Key the request may be repeated, at any time, and starts one encode.",
		codes: []contract.Code{contract.CodeRequestInvalid, contract.CodeVideoUnknown, contract.CodeOptionUnavailable, contract.CodeVideoBusy,
			contract.CodeUploadMissing, contract.CodeSourceGone, contract.CodeSourceArchived, contract.CodeEncodeLimit,
			contract.CodeRunningEncodeLimit, contract.CodeIdempotencyKeyReused},
	}
	deleteVideo = operation{
		id: "deleteVideo", method: http.MethodDelete, path: "/videos/{id}", status: 202,
		summary: "Delete a video",
		about:   "From here on the video is unknown. Its file, its outputs and its records are deleted in the background; an upload or encode on its way is stopped.",
		codes:   []contract.Code{contract.CodeVideoUnknown},
	}
	listEvents = operation{
		id: "listEvents", method: http.MethodGet, path: "/videos/{id}/events", status: 200,
		summary: "The messages received",
		about:   "What the pipeline has said about the video, oldest first, at most 100.",
		codes:   []contract.Code{contract.CodeVideoUnknown},
	}
	getHealth = operation{
		id: "getHealth", method: http.MethodGet, path: "/healthz", status: 200, public: true,
		summary: "Whether the API answers",
		about:   "A constant, for everyone.",
	}
	getDocument = operation{
		id: "getDocument", method: http.MethodGet, path: "/openapi.json", status: 200,
		summary: "This document",
		about:   "The API's OpenAPI 3.1 document.",
	}
)

// register puts a handler on its route, and explains its errors.
func register[In, Out any](api huma.API, a *API, op operation, handle func(context.Context, *In) (*Out, error)) {
	huma.Register(api, huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, DefaultStatus: op.status, MaxBodyBytes: op.body,
	}, func(ctx context.Context, in *In) (*Out, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, a.explain(ctx, op.id, err)
		}
		return out, nil
	})
}

// route is an operation and how it gets its handler.
type route struct {
	operation
	register func(huma.API)
}

func on[In, Out any](a *API, op operation, handle func(context.Context, *In) (*Out, error)) route {
	return route{op, func(api huma.API) { register(api, a, op, handle) }}
}

// routes are all routes, as the document has them.
func (a *API) routes() []route {
	return []route{
		on(a, createVideo, a.create),
		on(a, getUpload, a.getUpload),
		on(a, completeUpload, a.complete),
		on(a, abortUpload, a.abort),
		on(a, listVideos, a.list),
		on(a, getVideo, a.get),
		on(a, patchVideo, a.patch),
		on(a, encodeVideo, a.encode),
		on(a, deleteVideo, a.delete),
		on(a, listEvents, a.events),
		on(a, getHealth, a.health),
		on(a, getDocument, a.document),
	}
}

// lazy is a handler that is made when it is first asked for: a function that
// has just started answers one request, and the schemas of all others would
// be in its way.
func (r route) lazy() http.HandlerFunc {
	handler := sync.OnceValue(func() http.Handler {
		mux := http.NewServeMux()
		r.register(newHuma(mux))
		return mux
	})
	return func(w http.ResponseWriter, req *http.Request) { handler().ServeHTTP(w, req) }
}
