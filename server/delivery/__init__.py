"""What leaves the installation: e-mail and webhooks, sent by one loop over the queue in the database."""
