/** JSON texts of requests, read strictly. */
@NullMarked
package io.javisor.api.json;

import org.jspecify.annotations.NullMarked;
