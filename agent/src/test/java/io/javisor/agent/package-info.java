/** The host's half of the agent's protocol, against the agent of {@code guest/agent} as a process of this host, and against peers that mean ill. */
@NullMarked
package io.javisor.agent;

import org.jspecify.annotations.NullMarked;
