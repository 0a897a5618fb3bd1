package controlplane

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// python is the repository's own environment, as "make setup" makes it.
func python(t *testing.T) string {
	t.Helper()
	path := os.Getenv("VOD_PYTHON")
	if path == "" {
		path, _ = filepath.Abs("../../../.tools/venv/bin/python")
	}
	if err := CheckInstalled(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	s := &Server{
		Address: l.Addr().String(), Python: python(t), Dir: dir, Region: "eu-central-1", SecretKey: "test",
		LogFile: filepath.Join(dir, "log"), Log: slog.New(slog.DiscardHandler),
	}
	if err := s.Initialize(); err != nil {
		t.Fatal(err)
	}
	return s
}

func call(t *testing.T, s *Server, target, body string) string {
	t.Helper()
	req, _ := http.NewRequest(http.MethodPost, "http://"+s.Address, strings.NewReader(body))
	req.Header.Set("X-Amz-Target", target)
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=000000000000/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestStateIsKeptOverACleanStop(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	call(t, s, "DynamoDB_20120810.CreateTable", `{"TableName":"kept","BillingMode":"PAY_PER_REQUEST",
		"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`)
	s.Close()

	s = start(t, dir)
	defer s.Close()
	if got := call(t, s, "DynamoDB_20120810.ListTables", `{}`); !strings.Contains(got, `"kept"`) {
		t.Errorf("after a restart the tables are %s", got)
	}
}

func TestStopLeavesNoProcess(t *testing.T) {
	s := start(t, t.TempDir())
	group := s.cmd.Process.Pid
	s.Close()
	if err := syscall.Kill(-group, 0); err == nil {
		out, _ := exec.Command("ps", "-o", "pid,args", "-g", fmt.Sprint(group)).Output()
		t.Errorf("still running:\n%s", out)
	}
	if s.Err() != nil {
		t.Errorf("a stop that was asked for counts as a failure: %v", s.Err())
	}
}

// ports are the addresses that it listens on, in the kernel's spelling.
func ports(t *testing.T, s *Server) (addresses []string) {
	t.Helper()
	for _, file := range []string{"tcp", "tcp6"} {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", s.cmd.Process.Pid, file))
		if err != nil {
			continue
		}
		addresses = append(addresses, listening(string(data), inodes(s.cmd.Process.Pid))...)
	}
	return addresses
}

// inodes are the sockets that a process holds.
func inodes(pid int) map[string]bool {
	found := map[string]bool{}
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && strings.HasPrefix(to, "socket:[") {
			found[strings.Trim(to[len("socket:"):], "[]")] = true
		}
	}
	return found
}

func listening(table string, ours map[string]bool) []string {
	var addresses []string
	for _, line := range strings.Split(table, "\n")[1:] {
		f := strings.Fields(line)
		if len(f) > 9 && f[3] == "0A" && ours[f[9]] { // 0A is LISTEN
			addresses = append(addresses, f[1])
		}
	}
	return addresses
}

func TestItsDeathIsNoticed(t *testing.T) {
	s := start(t, t.TempDir())
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("nobody noticed")
	}
	if s.Err() == nil || !strings.Contains(s.Err().Error(), "killed") {
		t.Errorf("the reason given is %v", s.Err())
	}
}

func TestMissingEnvironmentSaysWhatToType(t *testing.T) {
	err := CheckInstalled(filepath.Join(t.TempDir(), "bin/python"))
	if err == nil || !strings.Contains(err.Error(), "make setup") {
		t.Errorf("got %v", err)
	}
}

func TestFunctionsSeeNothingOfTheCallersAWSSettings(t *testing.T) {
	t.Setenv("AWS_PROFILE", "production")
	t.Setenv("AWS_SESSION_TOKEN", "secret")
	s := &Server{Address: "127.0.0.1:1", Dir: t.TempDir(), Environment: []string{"AWS_ENDPOINT_URL_S3=http://127.0.0.1:2"}}
	env := strings.Join(s.environment(), "\n")
	if strings.Contains(env, "production") || strings.Contains(env, "secret") {
		t.Errorf("environment has the caller's settings:\n%s", env)
	}
	if !strings.Contains(env, "AWS_ENDPOINT_URL_S3=http://127.0.0.1:2") {
		t.Error("functions are not told where S3 is")
	}
}
