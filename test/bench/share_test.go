package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// A share that limits nothing would make every figure look good.
func TestAShareLetsAProcessHaveItsPartOfACoreOnly(t *testing.T) {
	s, err := newShare(apiMemory)
	if err != nil {
		t.Skip("this user may not make control groups: ", err)
	}
	defer s.close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	busy := exec.CommandContext(ctx, "/bin/sh", "-c", s.join()+"while :; do :; done")
	began := time.Now()
	_ = busy.Run()
	usage := busy.ProcessState.SysUsage().(*syscall.Rusage)
	used := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	part, want := used.Seconds()/time.Since(began).Seconds(), float64(apiMemory)/coreMB
	if part < want/2 || part > want*1.5 {
		t.Errorf("a busy process had %.3f of a core, want about %.3f", part, want)
	}
	s.close()
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("the control group is left: %v", err)
	}
}

func TestTheCounterPassesCallsOnAndNamesThem(t *testing.T) {
	table := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	defer table.Close()
	c, err := newCounter(table.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer c.server.Close()
	for _, operation := range []string{"Query", "GetItem", "Query"} {
		request, _ := http.NewRequest(http.MethodPost, "http://"+c.server.Addr, nil)
		request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	if got := c.text(); got != "1 GetItem, 2 Query" {
		t.Errorf("the calls are %q", got)
	}
	if c.reset(); c.text() != "" {
		t.Error("calls are left after reset")
	}
}
