package controlplane

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// echo is a function that answers with the address of its runtime API.
const echo = `
import json, os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as event:
        id = event.headers["Lambda-Runtime-Aws-Request-Id"]
    urllib.request.urlopen(api + id + "/response", data=json.dumps(api).encode()).close()
`

func bundle(t *testing.T, bootstrap string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: "bootstrap"}
	header.SetMode(0o755)
	f, err := z.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, bootstrap); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The home may be in a folder whose path is longer than a socket's can be.
func TestNothingLeadsToItButItsSocket(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("a-deep-folder/", 10))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := start(t, dir)
	defer s.Close()
	if info, err := os.Stat(filepath.Join(dir, socketName)); err != nil || info.Mode()&os.ModeSocket == 0 || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("its socket is %v %v", info, err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("its folder is %v %v", info.Mode(), err)
	}
	if got := ports(t, s); len(got) != 0 {
		t.Errorf("it listens on %v", got)
	}
	t.Run("and its function's API wants a password", func(t *testing.T) { runtimeAPIWantsAPassword(t, s) })
}

func runtimeAPIWantsAPassword(t *testing.T, s *Server) {
	url := "http://" + s.Address
	client := lambda.New(lambda.Options{
		BaseEndpoint: &url, Region: s.Region, HTTPClient: s.Client(), Credentials: credentials.NewStaticCredentialsProvider("000000000000", "x", ""),
	})
	_, err := client.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("echo"), Runtime: types.RuntimeProvidedal2023, Handler: aws.String("bootstrap"), Timeout: aws.Int32(20),
		Role: aws.String("arn:aws:iam::000000000000:role/r"), Code: &types.FunctionCode{ZipFile: bundle(t, "#!"+s.Python+"\n"+echo)},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("echo"), Payload: []byte("{}")})
	var api string
	if err != nil || json.Unmarshal(out.Payload, &api) != nil {
		t.Fatalf("the function answers %s %v", out.Payload, err)
	}
	listening := ports(t, s)
	if len(listening) != 1 {
		t.Errorf("it listens on %v, want the function's API alone", listening)
	}
	host, rest, _ := strings.Cut(strings.TrimPrefix(api, "http://"), "/")
	_, path, _ := strings.Cut(rest, "/")
	impatient := &http.Client{Timeout: 5 * time.Second}
	for _, guess := range []string{"/" + path + "next", "/x/" + path + "next", "/" + strings.Repeat("x", 43) + "/" + path + "next", "//" + path + "next"} {
		resp, err := impatient.Get("http://" + host + guess)
		if err != nil {
			t.Errorf("%s: %v", guess, err)
			continue
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s answers %s", guess, resp.Status)
		}
	}
}

func TestARequestIsPassedOnAsItWasSent(t *testing.T) {
	s := start(t, t.TempDir())
	front := httptest.NewServer(s.Proxy())
	defer front.Close()
	s.Address = strings.TrimPrefix(front.URL, "http://")
	resp, err := http.Get(front.URL + healthPath)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	s.Close()
	if resp, err := http.Get(front.URL + healthPath); err != nil || resp.StatusCode != http.StatusBadGateway {
		t.Errorf("when it has stopped: %v %v", resp, err)
	}
}

func TestOnlySecretURLsNeedNoSignature(t *testing.T) {
	for request, want := range map[string]bool{
		"PUT /_ministack/cfn-response/4f3c-aa": true, "PUT /_ministack/cfn-signal/4f3c?x=1": true,
		"POST /_ministack/cfn-response/4f3c": false, "PUT /_ministack/cfn-response/": false, "PUT /_ministack/cfn-response/../reset": false,
		"PUT /_ministack/cfn-response/a%2F..%2F..%2Freset": false, "POST /_ministack/reset": false, "GET /_ministack/health": false,
		"GET /_ministack/lambda-code/000000000000/echo": false, "POST /_ministack/config": false, "POST /": false,
	} {
		method, url, _ := strings.Cut(request, " ")
		if got := Unsigned(httptest.NewRequest(method, url, nil)); got != want {
			t.Errorf("%s: %v", request, got)
		}
	}
}
