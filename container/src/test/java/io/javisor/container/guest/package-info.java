@NullMarked
package io.javisor.container.guest;

import org.jspecify.annotations.NullMarked;
