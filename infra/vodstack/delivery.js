// Every encode has a path of its own, so what is delivered never changes.
// CloudFront doesn't run this for errors, which must not be kept that long.
function handler(event) {
  var response = event.response;
  if (!response.headers['cache-control']) {
    response.headers['cache-control'] = { value: 'public, max-age=31536000, immutable' };
  }
  return response;
}
