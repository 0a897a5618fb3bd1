package guard

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
)

// peerKey finds a connection's peer in a request's context.
type peerKey struct{}

// ConnContext is for http.Server: it lets Owner know who has connected. The
// kernel is asked once for each connection, when its first request comes.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	local, remote := conn.LocalAddr().String(), conn.RemoteAddr().String()
	return context.WithValue(ctx, peerKey{}, sync.OnceValue(func() bool { return isOwner(local, remote) }))
}

// Owner returns a handler that passes on requests of this user's programs and
// of root's only, and of the hosts that the guard knows beside loopback: their
// proxies may run as anybody. It is for ports without signatures; its server
// has ConnContext.
func (g Guard) Owner(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		owner, _ := r.Context().Value(peerKey{}).(func() bool)
		if g.isProxied(r.Host) || owner != nil && owner() {
			next.ServeHTTP(w, r)
			return
		}
		http.Error(w, "This engine is another user's: "+g.Name+" answers programs of its owner only.", http.StatusForbidden)
	})
}

func isOwner(local, remote string) bool {
	for range 3 { // the table moves while it is read
		if uid, ok := socketOwner(local, remote); ok {
			return uid == os.Getuid() || uid == 0
		}
	}
	return false
}

// socketOwner finds the user whose program has the other end of a connection
// on this machine.
func socketOwner(local, remote string) (uid int, ok bool) {
	ours, err := netip.ParseAddrPort(local)
	theirs, err2 := netip.ParseAddrPort(remote)
	if err != nil || err2 != nil {
		return 0, false
	}
	// The peer's own socket has the addresses the other way round. It may be
	// one of IPv6, and speak to IPv4.
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		wide := strings.HasSuffix(table, "6")
		if uid, ok := find(table, kernelForm(theirs, wide), kernelForm(ours, wide)); ok {
			return uid, true
		}
	}
	return 0, false
}

// find reads the table of the kernel's sockets: sl, local address, remote
// address, st, tx:rx, tr:when, retransmits, uid.
func find(table, local, remote string) (uid int, ok bool) {
	f, err := os.Open(table)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 8 || fields[1] != local || fields[2] != remote {
			continue
		}
		uid, err := strconv.Atoi(fields[7])
		return uid, err == nil
	}
	return 0, false
}

// kernelForm writes an address as the tables do: 32-bit words of the machine's
// own byte order, in hexadecimal.
func kernelForm(a netip.AddrPort, wide bool) string {
	address := a.Addr().Unmap()
	raw := address.AsSlice()
	if wide {
		sixteen := address.As16()
		raw = sixteen[:]
	}
	words := make([]byte, 0, len(raw))
	for i := 0; i+4 <= len(raw); i += 4 {
		words = binary.NativeEndian.AppendUint32(words, binary.BigEndian.Uint32(raw[i:]))
	}
	return fmt.Sprintf("%s:%04X", strings.ToUpper(hex.EncodeToString(words)), a.Port())
}
