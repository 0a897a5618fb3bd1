// Package guard stands in front of every port of the local engine. A web page
// that a developer visits can send requests to loopback, and so can every user
// of the machine; the guard lets only those pass that were meant for this
// port, come from where they may, and, where a service wants it, are signed.
package guard

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// HostsVariable names the hosts that the engine is reached by through a
// proxy.
const HostsVariable = "VOD_HOSTS"

// loopback are the names of this machine that no web page can take over.
// "localhost" is resolved by the browser itself.
var loopback = []string{"127.0.0.1", "localhost", "[::1]"}

// Guard is what one port lets pass.
type Guard struct {
	Name string // of the port's service, for messages
	Port int
	// Subdomains allows hosts below localhost, too, as in bucket.localhost.
	// Browsers never ask a name server for them (RFC 6761).
	Subdomains bool
	// Hosts are allowed beside loopback, with any port where they name none.
	Hosts []string
	// Origin tells whether a page of this origin may send the request. Nil
	// for a port that is not for pages at all.
	Origin func(r *http.Request, origin string) bool
	// Embed tells whether a page of any site may cause this request without
	// naming its origin, as it does by a link or a media element. Nil for
	// never.
	Embed func(r *http.Request) bool
}

// ParseHosts reads the value of VOD_HOSTS.
func ParseHosts(value string) []string {
	var hosts []string
	for host := range strings.SplitSeq(value, ",") {
		if host = strings.ToLower(strings.TrimSpace(host)); host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// Wrap returns a handler that passes on to next what the guard allows, and
// answers everything else with 403.
func (g Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if reason := g.refusal(r); reason != "" {
			// Without CORS headers, so that no page reads it.
			http.Error(w, reason, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refusal says why a request is refused, empty when it is not.
func (g Guard) refusal(r *http.Request) string {
	if !g.allowsHost(r.Host) {
		return "The host " + strconv.Quote(r.Host) + " is not this port's: " + g.Name + " answers to 127.0.0.1, localhost and [::1] with port " +
			strconv.Itoa(g.Port) + ". Set " + HostsVariable + " to the hosts that this machine is reached by through a proxy, then restart the engine."
	}
	switch origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site"); {
	case len(r.Header.Values("Origin")) > 1:
		return "The request names several origins."
	case origin != "" && !g.allowsOrigin(r, origin):
		return g.refusedOrigin(origin)
	case origin == "" && crossSite(site) && (g.Embed == nil || !g.Embed(r)):
		return "The request comes from a page of another origin, which " + g.Name + " does not answer."
	}
	return ""
}

func (g Guard) refusedOrigin(origin string) string {
	if g.Origin == nil {
		return g.Name + " answers no web pages, of any origin."
	}
	return "Pages of the origin " + strconv.Quote(origin) + " are not allowed here: name it in the stack's corsOrigins (bin/vod up -c corsOrigins=…)."
}

// crossSite is true for what a browser sends for a page of another origin.
// The values that are left are the user's own doing ("none") and the page of
// the same origin.
func crossSite(site string) bool {
	return site != "" && site != "none" && site != "same-origin"
}

func (g Guard) allowsHost(host string) bool {
	host = strings.ToLower(host)
	name, port := splitHost(host)
	if slices.Contains(loopback, name) && port == strconv.Itoa(g.Port) {
		return true
	}
	if g.Subdomains && strings.HasSuffix(name, ".localhost") && port == strconv.Itoa(g.Port) {
		return true
	}
	return g.isProxied(host)
}

// isProxied tells whether a host is one of VOD_HOSTS.
func (g Guard) isProxied(host string) bool {
	host = strings.ToLower(host)
	name, _ := splitHost(host)
	return slices.Contains(g.Hosts, host) || slices.Contains(g.Hosts, name)
}

// splitHost is like net.SplitHostPort, but keeps the brackets, and takes a
// host without a port for one with HTTP's.
func splitHost(host string) (name, port string) {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		return host[:i], host[i+1:]
	}
	return host, "80"
}

func (g Guard) allowsOrigin(r *http.Request, origin string) bool {
	if g.Origin == nil {
		return false
	}
	// The host has been checked, so this is a page of the port itself.
	if u, err := url.Parse(origin); err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host) {
		return true
	}
	return g.Origin(r, origin)
}

// LoopbackOrigin tells whether a page comes from this machine, by a name that
// no other machine has, and from which port.
func LoopbackOrigin(origin string) (port int, ok bool) {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Scheme+"://"+u.Host != origin {
		return 0, false
	}
	name, text := splitHost(u.Host)
	if u.Scheme == "https" && u.Port() == "" {
		text = "443"
	}
	if port, err = strconv.Atoi(text); err != nil {
		return 0, false
	}
	return port, slices.Contains(loopback, name)
}

// HostOrigin tells whether a page comes from one of the hosts of VOD_HOSTS.
func HostOrigin(hosts []string, origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && (slices.Contains(hosts, u.Host) || slices.Contains(hosts, hostname(u)))
}

// hostname keeps the brackets of an IPv6 address.
func hostname(u *url.URL) string {
	if name := u.Hostname(); net.ParseIP(name) == nil || !strings.Contains(name, ":") {
		return name
	}
	return "[" + u.Hostname() + "]"
}
