package guard

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// owned is a server for this user's programs only.
func owned(t *testing.T, address string) string {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("no %s on this machine: %v", address, err)
	}
	s := httptest.NewUnstartedServer(Guard{Name: "the API", Hosts: []string{"box.test"}}.Owner(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("come in"))
	})))
	s.Listener.Close()
	s.Listener, s.Config.ConnContext = l, ConnContext
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

func TestProgramsOfTheOwnerAreLetIn(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		url := owned(t, address)
		for range 2 { // on one connection
			resp, err := http.Get(url)
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("%s: %v %v", address, resp, err)
			}
			resp.Body.Close()
		}
	}
}

func TestProgramsOfOtherUsersAreNot(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can run a program as somebody else")
	}
	url := owned(t, "127.0.0.1:0")
	for host, want := range map[string]string{"": "another user's", "box.test": "come in"} {
		args := []string{"-sS", url}
		if host != "" {
			args = append(args, "-H", "Host: "+host)
		}
		cmd := exec.Command("curl", args...)
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("with the host %q nobody gets %q %v, want %q", host, out, err, want)
		}
	}
}

func TestAConnectionThatNobodyKnowsIsRefused(t *testing.T) {
	w := httptest.NewRecorder()
	Guard{Name: "the API"}.Owner(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusForbidden || isOwner("127.0.0.1:1", "127.0.0.1:2") || isOwner("", "pipe") {
		t.Errorf("it is let in: %d", w.Code)
	}
}

// As `cat /proc/net/tcp` shows it on a little-endian machine.
func TestAddressesAreWrittenAsTheKernelDoes(t *testing.T) {
	if got := kernelForm(netip.MustParseAddrPort("127.0.0.1:4570"), false); got != "0100007F:11DA" && got != "7F000001:11DA" {
		t.Errorf("got %s", got)
	}
	if got := kernelForm(netip.MustParseAddrPort("127.0.0.1:80"), true); got != "0000000000000000FFFF00000100007F:0050" && got != "00000000000000000000FFFF7F000001:0050" {
		t.Errorf("got %s", got)
	}
}
