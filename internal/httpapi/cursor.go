package httpapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/vodstack/vodstack/internal/contract"
)

// A cursor is where a page ended, with a sum over that, the owner and the
// status, so that a broken or foreign one is noticed. It needs no secret:
// whoever makes up a cursor still lists nothing but their own videos.
type cursor struct {
	contract.RowPosition
	Sum []byte `json:"sum"`
}

func writeCursor(position contract.RowPosition, q contract.RowQuery) string {
	return base64.RawURLEncoding.EncodeToString([]byte(marshal(cursor{position, sumOf(position, q)})))
}

func readCursor(text string, q contract.RowQuery) (position contract.RowPosition, ok bool) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return position, false
	}
	var c cursor
	if err := json.Unmarshal(data, &c); err != nil {
		return position, false
	}
	return c.RowPosition, subtle.ConstantTimeCompare(c.Sum, sumOf(c.RowPosition, q)) == 1
}

func sumOf(position contract.RowPosition, q contract.RowQuery) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", q.OwnerID, q.Status, position.CreatedAt, position.ID))
	return sum[:12]
}
