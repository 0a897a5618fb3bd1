package awsbase_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
)

// number is the key of a connection's number in a request's context.
type number struct{}

// secure is a service over HTTPS that the process trusts, and how many
// connections it has had.
func secure(t *testing.T, answer http.HandlerFunc) (server *httptest.Server, opened *atomic.Int32) {
	t.Helper()
	opened = new(atomic.Int32)
	server = httptest.NewUnstartedServer(answer)
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, number{}, opened.Add(1))
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, opened
}

// TestMain lets the process trust httptest's certificate, which is the same
// for every server; it reads the trusted certificates only once.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "awsbase-")
	if err != nil {
		panic(err)
	}
	server := httptest.NewTLSServer(nil)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	server.Close()
	file := filepath.Join(dir, "trusted.pem")
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		panic(err)
	}
	os.Setenv("SSL_CERT_FILE", file)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func getItem(t *testing.T, tables *dynamodb.Client, attempts int) error {
	t.Helper()
	return ask(context.Background(), tables, attempts)
}

func ask(ctx context.Context, tables *dynamodb.Client, attempts int) error {
	_, err := tables.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: new("t"), Key: map[string]types.AttributeValue{"guid": &types.AttributeValueMemberS{Value: "g"}},
	}, func(o *dynamodb.Options) { o.RetryMaxAttempts = attempts })
	return err
}

// With the SDK's own client this test counts 40 to 170 connections and a few
// errors, more of both on a busy machine.
func TestHundredsOfCallsUseOneConnectionAndNoAnswerIsCutOff(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4)) // a race of goroutines: it takes more than one thread
	item := fmt.Sprintf(`{"Item":{"guid":{"S":"g"},"encodingJob":{"S":%q}}}`, strings.Repeat("x", 10_000))
	server, opened := secure(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, item)
	})
	tables := dynamodb.NewFromConfig(config(t, server.URL, 5*time.Second))
	failed := 0
	for range 600 {
		if err := getItem(t, tables, 1); err != nil {
			failed++
			t.Log(err)
		}
	}
	if opened.Load() > 2 || failed > 0 {
		t.Errorf("%d connections and %d errors, want at most 2 and none", opened.Load(), failed)
	}
}

// A frozen function's connections may have been closed by the service. The
// SDK's own retry would wait up to a second.
func TestACallOnAConnectionThatTheServiceHasClosedIsSentAgainAtOnce(t *testing.T) {
	calls := 0
	server, opened := secure(t, func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls == 2 {
			connection, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_ = connection.Close()
			}
			return
		}
		_, _ = io.WriteString(w, "{}")
	})
	tables := dynamodb.NewFromConfig(config(t, server.URL, 5*time.Second))
	for range 2 {
		if err := getItem(t, tables, 1); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 3 || opened.Load() != 2 {
		t.Errorf("%d calls on %d connections, want 3 on 2", calls, opened.Load())
	}
}

func TestABodyOfAnyLengthArrivesWholeAndWithItsLength(t *testing.T) {
	var length int64
	var got []byte
	server, _ := secure(t, func(_ http.ResponseWriter, r *http.Request) {
		length = r.ContentLength
		got, _ = io.ReadAll(r.Body)
		if r.Header["Idempotency-Key"] != nil {
			t.Error("a header that the SDK has not signed is sent")
		}
	})
	client := awsbase.Client(5 * time.Second)
	for _, size := range []int{1, 4096, 5 << 20} {
		body := bytes.Repeat([]byte("x"), size)
		request, err := http.NewRequest(http.MethodPut, server.URL, io.NopCloser(bytes.NewReader(body)))
		if err != nil {
			t.Fatal(err)
		}
		request.ContentLength = int64(size)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if length != int64(size) || !bytes.Equal(got, body) {
			t.Errorf("a body of %d bytes arrived as %d of %d", size, len(got), length)
		}
	}
}

func TestABodyThatIsShorterThanAnnouncedIsAnError(t *testing.T) {
	server, _ := secure(t, func(http.ResponseWriter, *http.Request) { t.Error("the request was sent") })
	request, err := http.NewRequest(http.MethodPut, server.URL, io.NopCloser(strings.NewReader("short")))
	if err != nil {
		t.Fatal(err)
	}
	request.ContentLength = 10
	if _, err := awsbase.Client(time.Second).Do(request); err == nil {
		t.Error("no error")
	}
}
