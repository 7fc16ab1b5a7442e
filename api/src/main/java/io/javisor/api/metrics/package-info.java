/** What a machine and its process have counted, as Prometheus reads it. */
@NullMarked
package io.javisor.api.metrics;

import org.jspecify.annotations.NullMarked;
