/**
 * The host's half of what a container's host and the agent in its machine say to each other: {@code docs/agent.md}. Knows no machine, no image and no
 * terminal.
 */
@NullMarked
package io.javisor.agent;

import org.jspecify.annotations.NullMarked;
