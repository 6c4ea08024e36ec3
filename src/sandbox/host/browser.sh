#!/bin/sh
# The browser of the azfob sandbox: curl opens the sign-in page and submits its form, as the script of the page does.
page=$(curl --silent --show-error --max-time 30 "$1") || exit 1
# Prints what follows NAME=" in the page, decoded.
value_of() {
  printf '%s\n' "$page" | sed -n "s/.*$1=\"\([^\"]*\)\".*/\1/p" |
    sed "s/&#13;//g; s/&#10;/ /g; s/&#39;/'/g; s/&quot;/\"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g"
}
action=$(value_of action)
if [ -z "$action" ]; then
  # An error of Entra ID, which the user sees in the browser.
  printf '%s\n' "$page" | sed -n 's/^<p>\(.*\)<\/p>$/browser of the azfob sandbox: \1/p' >&2
  exit 1
fi
set -- "$action"
for name in $(printf '%s\n' "$page" | sed -n 's/.*type="hidden" name="\([a-z_]*\)".*/\1/p'); do
  set -- "$@" --data-urlencode "$name=$(value_of "name=\"$name\" value")"
done
curl --silent --show-error --location --max-time 600 --output /dev/null "$@"
