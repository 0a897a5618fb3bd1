package engine

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// Ports are where the engine's parts listen, on loopback only.
type Ports struct {
	ControlPlane int `json:"controlPlane"`
	Store        int `json:"s3"`
	MediaConvert int `json:"mediaConvert"`
	Delivery     int `json:"delivery"`
	// API and Page are 0 in the note of an engine that was built before it
	// had them.
	API  int `json:"api"`
	Page int `json:"page"`
}

// defaultPort is the control plane's; the others follow it.
const defaultPort = 4566

// portSettings name the variables that choose the ports.
var portSettings = []string{"VOD_PORT", "VOD_S3_PORT", "VOD_MEDIACONVERT_PORT", "VOD_DELIVERY_PORT", "VOD_API_PORT", "VOD_PAGE_PORT"}

// ChoosePorts reads the ports from the environment.
func ChoosePorts(getenv func(string) string) (Ports, error) {
	numbers := make([]int, len(portSettings))
	for i, name := range portSettings {
		numbers[i] = numbers[0] + i
		if i == 0 {
			numbers[0] = defaultPort
		}
		value := getenv(name)
		if value == "" {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > 65535 {
			return Ports{}, fmt.Errorf("%s is %q: it must be a port number from 1 to 65535", name, value)
		}
		numbers[i] = n
	}
	p := Ports{numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]}
	return p, p.distinct()
}

func (p Ports) distinct() error {
	seen := map[int]string{}
	for i, n := range p.all() {
		if n > 65535 {
			return fmt.Errorf("port %d is past the last one, 65535: choose a lower VOD_PORT", n)
		}
		if other := seen[n]; other != "" {
			return fmt.Errorf("%s and %s are both %d: give each part a port of its own", other, portSettings[i], n)
		}
		seen[n] = portSettings[i]
	}
	return nil
}

func (p Ports) all() []int {
	return []int{p.ControlPlane, p.Store, p.MediaConvert, p.Delivery, p.API, p.Page}
}

// Serves tells whether an engine on these ports is where it is looked for.
// One of an older build has no say about the ports that it does not have.
func (p Ports) Serves(wanted Ports) bool {
	if p.API == 0 && p.Page == 0 {
		wanted.API, wanted.Page = 0, 0
	}
	return p == wanted
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// ControlPlaneURL answers for every service but S3 and MediaConvert.
func (p Ports) ControlPlaneURL() string { return "http://" + address(p.ControlPlane) }

// StoreURL answers for S3.
func (p Ports) StoreURL() string { return "http://" + address(p.Store) }

// MediaConvertURL answers for MediaConvert.
func (p Ports) MediaConvertURL() string { return "http://" + address(p.MediaConvert) }

// DeliveryURL is what the URLs of finished videos begin with.
func (p Ports) DeliveryURL() string { return "http://" + address(p.Delivery) }

// APIURL is the base of a stack's REST API.
func (p Ports) APIURL(stack string) string { return "http://" + address(p.API) + "/" + stack }

// PageURL is where the page to try a stack with is.
func (p Ports) PageURL() string { return "http://" + address(p.Page) }

// CheckFree says in one sentence which port is taken, and by whom as far as
// can be told.
func (p Ports) CheckFree() error {
	for _, n := range p.all() {
		l, err := net.Listen("tcp", address(n))
		if err == nil {
			l.Close()
			continue
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("port %d cannot be used: %w", n, err)
		}
		return p.taken(n)
	}
	return nil
}

func (p Ports) taken(port int) error {
	if owner := ownerOf(port); owner != "" {
		return fmt.Errorf("port %d belongs to the vodstack engine of %s, which runs: stop it there with \"make down\", "+
			"or run this one beside it with VOD_PORT=%d", port, owner, p.ControlPlane+100)
	}
	return fmt.Errorf("port %d is used by another program: stop that, or choose other ports with VOD_PORT=%d", port, p.ControlPlane+100)
}
