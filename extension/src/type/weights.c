/* weights.c - see weights.h. */
#include "type/weights.h"

void *ekok_array_elements(ArrayType *array, const char *what, int *count)
{
    *count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    if (ARR_HASNULL(array))
        ereport(ERROR, errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s: an element is NULL", what),
                errhint("Leave out what is not known, or write 0 for it."));
    return ARR_DATA_PTR(array);
}

bool ekok_weights_argument(FunctionCallInfo fcinfo, int n, float weights[EKOK_LEVELS])
{
    int count;

    if (PG_ARGISNULL(n)) {
        ekok_match_standard(weights);
        return false;
    }
    const float4 *given = ekok_array_elements(PG_GETARG_ARRAYTYPE_P(n), "weights", &count);
    if (count != EKOK_LEVELS)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("weights: %d numbers where there are %d levels", count, EKOK_LEVELS),
                errhint("ekok.match_weights() lists the levels in their order."));
    for (int i = 0; i < count; i++) {
        if (!(given[i] >= -1000 && given[i] <= 1000))
            ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("weights: number %d is not between -1000 and 1000 bits", i + 1));
        weights[i] = given[i];
    }
    return true;
}
