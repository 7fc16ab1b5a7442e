/** The agent of {@code guest/agent}, as a process of the host, with the tests as its host: docs/agent.md. */
@NullMarked
package io.javisor.testkit.agent;

import org.jspecify.annotations.NullMarked;
