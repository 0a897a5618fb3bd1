// Package rest speaks to the integration's API as an application does: plain
// HTTP and JSON and nothing of the server's own types, so that a field that
// is renamed fails a test. It has the identity provider of the tests, too.
package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// A Client calls one API as one caller.
type Client struct {
	URL   string // the output ApiUrl
	Token string // JWT; empty to send none
}

// An Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Text   string         // the body as it was received
	Body   map[string]any // nil where the body is no JSON object
}

// Code is the code of a problem, empty in other answers.
func (a Answer) Code() string { return a.text("code") }

// Field is the request's field that a problem blames.
func (a Answer) Field() string { return a.text("field") }

func (a Answer) text(name string) string {
	value, _ := a.Body[name].(string)
	return value
}

// Video is the video that the answer carries, nil where there is none.
func (a Answer) Video() map[string]any {
	video, _ := a.Body["video"].(map[string]any)
	return video
}

// ID is that video's id.
func (a Answer) ID() string {
	id, _ := a.Video()["id"].(string)
	return id
}

// String is the answer for a failed test's message.
func (a Answer) String() string {
	body := a.Text
	if len(body) > 600 {
		body = body[:600] + "…"
	}
	return fmt.Sprintf("%d %s", a.Status, body)
}

// Do sends a request. The body is sent as JSON, a []byte or string as it is,
// nil not at all; headers are pairs of name and value.
func (c *Client) Do(ctx context.Context, method, path string, body any, headers ...string) (Answer, error) {
	request, err := c.request(ctx, method, path, body, headers)
	if err != nil {
		return Answer{}, err
	}
	return Send(request)
}

// Send sends a request that is ready and reads the whole answer.
func Send(request *http.Request) (Answer, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Answer{}, fmt.Errorf("%s %s: %w", request.Method, request.URL.Path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("read the answer to %s %s: %w", request.Method, request.URL.Path, err)
	}
	a := Answer{Status: response.StatusCode, Header: response.Header, Text: string(text)}
	if json.Unmarshal(text, &a.Body) != nil {
		a.Body = nil
	}
	return a, nil
}

func (c *Client) request(ctx context.Context, method, path string, body any, headers []string) (*http.Request, error) {
	content, err := encode(body)
	if err != nil {
		return nil, fmt.Errorf("encode the body of %s %s: %w", method, path, err)
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+path, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return request, nil
}

func encode(body any) (io.Reader, error) {
	switch b := body.(type) {
	case nil:
		return nil, nil
	case string:
		return strings.NewReader(b), nil
	case []byte:
		return bytes.NewReader(b), nil
	}
	text, err := json.Marshal(body)
	return bytes.NewReader(text), err
}
