/** What a container is to be: values, what an image and a user say put together, and their JSON. Knows no machine. */
@NullMarked
package io.javisor.container.spec;

import org.jspecify.annotations.NullMarked;
