package httpapi

import (
	"context"

	"github.com/vodstack/vodstack/internal/httpapi/apidoc"
)

func (a *API) health(context.Context, *empty) (*healthOut, error) {
	return &healthOut{Body: Health{Status: "ok"}}, nil
}

// document is the embedded document; where the deployment has limits of its
// own, one that says so.
func (a *API) document(context.Context, *empty) (*documentOut, error) {
	text := apidoc.Document
	if !a.Settings.isDefault() {
		own, err := Document(a.Settings)
		if err != nil {
			return nil, err
		}
		text = own
	}
	return &documentOut{ContentType: "application/json", Body: text}, nil
}
