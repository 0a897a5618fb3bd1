package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
)

// signedOnly updates the stack vod to what it is on AWS by default: its API
// wants requests signed with Signature Version 4.
func signedOnly(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	before := anyone().announce(t, clips.Tiny, nil) // by the open API's owner
	if _, err := world.videos.Engine.Up(ctx, "-c", "apiOpen=false"); err != nil {
		t.Fatal(err)
	}
	if err := world.videos.record(ctx); err != nil {
		t.Fatal(err)
	}
	c := anyone()
	for _, call := range everyCall {
		if answer := c.do(t, call.method, before.path()+call.path, call.body, call.headers...); answer.Status != http.StatusForbidden && answer.Status != http.StatusUnauthorized {
			t.Errorf("%s %s without a signature: %s, want it refused", call.method, call.path, answer)
		}
	}
	c.get(t, "/healthz")
	body := `{"fileName":"signed.mp4","contentType":"video/mp4","size":1000}`
	made := wantStatus(t, signed(t, http.MethodPost, "/videos", body), http.StatusCreated)
	if owner := text(made.Video(), "ownerId"); !strings.HasPrefix(owner, "iam:") || strings.Contains(owner, "000000000000") {
		t.Errorf("the owner is %q, want the one who signed", owner)
	}
	list := wantStatus(t, signed(t, http.MethodGet, "/videos", ""), http.StatusOK)
	if !strings.Contains(list.Text, made.ID()) || strings.Contains(list.Text, before.id) {
		t.Error("the list is not that of the one who signed")
	}
	wantProblem(t, signed(t, http.MethodGet, before.path(), ""), http.StatusNotFound, "VideoUnknown")
	wantStatus(t, signed(t, http.MethodDelete, "/videos/"+made.ID(), ""), http.StatusAccepted)
}

// signed sends a request that the SDK's own signer has signed for an API.
func signed(t *testing.T, method, path, body string) rest.Answer {
	t.Helper()
	keys, err := world.videos.S3.Options().Credentials.Retrieve(t.Context()) // those of `vod env`
	if err != nil {
		t.Fatal(err)
	}
	return signedBy(t, method, path, body, keys.AccessKeyID, keys.SecretAccessKey)
}

// signedBy is like signed, with these keys.
func signedBy(t *testing.T, method, path, body, accessKey, secretKey string) rest.Answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, world.videos.Outputs["ApiUrl"]+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	hash := sha256.Sum256([]byte(body))
	keys := aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, request, hex.EncodeToString(hash[:]), "execute-api", "eu-central-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	answer, err := rest.Send(request)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
