package httpapi

import (
	"context"
	"fmt"

	"github.com/vodstack/vodstack/internal/contract"
)

func (a *API) get(ctx context.Context, in *VideoID) (*videoOut, error) {
	row, err := a.own(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	etag := etagOf(row)
	if row.EncodingStatus == contract.StatusIngest && row.VodGUID != "" {
		row.Progress = a.progress(ctx, row)
		etag = progressETag(row)
	}
	return &videoOut{ETag: etag, Body: VideoAnswer{Video: videoOf(row)}}, nil
}

// progress is how far the encode is, which its row does not know. A video is
// worth showing without it.
func (a *API) progress(ctx context.Context, row contract.VideoRow) *int {
	job, err := a.Running.Get(ctx, row.VodGUID)
	if err != nil {
		a.Log.WarnContext(ctx, "progress unknown", "guid", row.VodGUID, "error", err.Error())
		return row.Progress
	}
	if job.Progress == 0 {
		return row.Progress
	}
	return &job.Progress
}

func (a *API) list(ctx context.Context, in *listIn) (*listOut, error) {
	query := contract.RowQuery{OwnerID: callerOf(ctx).Owner, Status: contract.Status(in.Status), Limit: in.Limit}
	if in.Cursor != "" {
		position, ok := readCursor(in.Cursor, query)
		if !ok {
			return nil, contract.Problemf(contract.CodeCursorInvalid,
				"the cursor is broken, or belongs to another caller or another status; begin again without one").In("cursor")
		}
		query.After = &position
	}
	page, err := a.Lists.List(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("list videos: %w", err)
	}
	out := &listOut{Body: VideoList{Videos: make([]Video, len(page.Rows))}}
	for i, row := range page.Rows {
		out.Body.Videos[i] = videoOf(row)
	}
	if page.Next != nil {
		out.Body.Cursor = writeCursor(*page.Next, query)
	}
	return out, nil
}

// mostEvents is how many messages are told of a video, of which few have more
// than two.
const mostEvents = 100

func (a *API) events(ctx context.Context, in *VideoID) (*eventsOut, error) {
	row, err := a.own(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	received, err := a.History.List(ctx, row.ID, mostEvents)
	if err != nil {
		return nil, fmt.Errorf("read history of video %s: %w", row.ID, err)
	}
	out := &eventsOut{Body: EventList{Events: make([]Event, len(received))}}
	for i, event := range received {
		out.Body.Events[i] = eventOf(event, row)
	}
	return out, nil
}
