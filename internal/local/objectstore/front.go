package objectstore

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v3"
	"github.com/versity/versitygw/s3api/utils"
)

// front is what every request passes before versitygw looks at it. It runs
// inside versitygw's own server: no second listener that somebody could reach
// past the guard, and no second connection that uploads have to cross.
type front struct {
	guard  http.Handler // nil admits every request
	others *forwarder   // nil where the store has every bucket
}

func newFront(guard func(http.Handler) http.Handler, others *forwarder) *front {
	f := &front{others: others}
	if guard != nil {
		f.guard = guard(http.HandlerFunc(admit))
	}
	return f
}

// serve is the fiber middleware.
func (f *front) serve(ctx fiber.Ctx) error {
	if f.guard == nil {
		return f.route(ctx)
	}
	r, err := httpRequest(ctx)
	if err != nil {
		return ctx.SendStatus(http.StatusBadRequest)
	}
	a := &guardAnswer{header: http.Header{}, status: http.StatusOK}
	var admitted bool
	var routeErr error
	next := func() { admitted, routeErr = true, f.route(ctx) }
	f.guard.ServeHTTP(a, r.WithContext(context.WithValue(r.Context(), admitKey{}, next)))
	for name, values := range a.header {
		for _, v := range values {
			ctx.Response().Header.Add(name, v)
		}
	}
	if admitted {
		return routeErr
	}
	return ctx.Status(a.status).Send(a.body)
}

func (f *front) route(ctx fiber.Ctx) error {
	if f.others.serves(ctx) {
		return f.others.send(ctx)
	}
	requireWholeBody(ctx)
	return ctx.Next()
}

// requireWholeBody lets versitygw read uploads through a wholeBody. Its length
// is that on the wire: a body in aws-chunked encoding that lacks its last chunk
// fails, too, though all of its data came.
func requireWholeBody(ctx fiber.Ctx) {
	length := ctx.Request().Header.ContentLength()
	if stream := ctx.Request().BodyStream(); stream != nil && length >= 0 {
		utils.ContextKeyBodyReader.Set(ctx, &wholeBody{r: stream, left: int64(length)})
	}
}
