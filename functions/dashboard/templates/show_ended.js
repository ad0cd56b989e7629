  function showEnded(ended) {
    const lines = ended.tokens.map((token) => `Token ended: ${token.token_name}`);
    if (ended.all_tokens) lines.push("All other tokens were ended.");
    if (ended.google_account) lines.push(`Google account disconnected: ${ended.google_account}`);
    if (ended.two_factor) lines.push("Two-factor authentication was turned off.");
    if (ended.slack_webhook) lines.push("The Slack webhook was removed.");
    for (const line of lines) {
      const item = document.createElement("li");
      item.textContent = line;
      document.getElementById("ended").append(item);
    }
  }
