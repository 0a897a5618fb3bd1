package engine

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func setting(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestPortsFollowTheFirst(t *testing.T) {
	for name, c := range map[string]struct {
		set  map[string]string
		want Ports
	}{
		"nothing set":    {nil, Ports{4566, 4567, 4568, 4569, 4570, 4571}},
		"the first set":  {map[string]string{"VOD_PORT": "6000"}, Ports{6000, 6001, 6002, 6003, 6004, 6005}},
		"one set":        {map[string]string{"VOD_S3_PORT": "9000"}, Ports{4566, 9000, 4568, 4569, 4570, 4571}},
		"all set anyhow": {map[string]string{"VOD_PORT": "1", "VOD_S3_PORT": "9", "VOD_MEDIACONVERT_PORT": "5", "VOD_DELIVERY_PORT": "7", "VOD_API_PORT": "3", "VOD_PAGE_PORT": "2"}, Ports{1, 9, 5, 7, 3, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ChoosePorts(setting(c.set))
			if err != nil || got != c.want {
				t.Errorf("got %v %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestPortsThatCannotBeAreRefused(t *testing.T) {
	for name, set := range map[string]map[string]string{
		"VOD_PORT":     {"VOD_PORT": "http"},
		"VOD_S3_PORT":  {"VOD_S3_PORT": "70000"},
		"are both":     {"VOD_DELIVERY_PORT": "4567"},
		"past the las": {"VOD_PORT": "65534"},
		"VOD_PAGE_PO":  {"VOD_PAGE_PORT": "0"},
	} {
		if _, err := ChoosePorts(setting(set)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v: got %v", set, err)
		}
	}
}

func TestAnEngineOfAnOlderBuildIsWhereItIsLookedFor(t *testing.T) {
	wanted, other := Ports{1, 2, 3, 4, 5, 6}, Ports{1, 2, 3, 4, 5, 7}
	older := Ports{ControlPlane: 1, Store: 2, MediaConvert: 3, Delivery: 4}
	if !older.Serves(wanted) || !wanted.Serves(wanted) {
		t.Error("the same ports are taken for others")
	}
	if older.Serves(Ports{9, 2, 3, 4, 5, 6}) || wanted.Serves(other) {
		t.Error("other ports are taken for the same")
	}
}

// sixFree are ports in a row that nobody has.
func sixFree(t *testing.T) Ports {
	t.Helper()
	for first := 21000; first < 60000; first += 13 {
		p := Ports{first, first + 1, first + 2, first + 3, first + 4, first + 5}
		if p.CheckFree() == nil {
			return p
		}
	}
	t.Fatal("no six free ports in a row")
	return Ports{}
}

func TestAnotherClonesEngineIsNamed(t *testing.T) {
	p := sixFree(t)
	l, err := net.Listen("tcp", address(p.Delivery))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != identityPath {
			http.NotFound(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(Control{Root: "/first/clone"})
	}))
	s.Listener.Close()
	s.Listener = l
	s.Start()
	defer s.Close()
	err = p.CheckFree()
	if err == nil || !strings.Contains(err.Error(), "belongs to the vodstack engine of /first/clone") {
		t.Errorf("got %v", err)
	}
}

func TestAnotherProgramIsSaidToBeOne(t *testing.T) {
	p := sixFree(t)
	l, err := net.Listen("tcp", address(p.Store))
	if err != nil {
		t.Fatal(err)
	}
	go func() { // a program that speaks no HTTP
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	defer l.Close()
	if err := p.CheckFree(); err == nil || !strings.Contains(err.Error(), "used by another program") {
		t.Errorf("got %v", err)
	}
}
